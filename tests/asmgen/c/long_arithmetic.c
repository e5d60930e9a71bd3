/* 64- and 128-bit arithmetic. */
typedef unsigned long long u64;
u64 add_carry(u64 a, u64 b, u64 *carry) { u64 s = a + b; *carry = s < a; return s; }
long long multiply(int a, int b) { return (long long)a * b; }
u64 multiply_unsigned(unsigned a, unsigned b) { return (u64)a * b; }
int overflow(int a, int b, int *r) { return __builtin_add_overflow(a, b, r); }
int overflow_mul(long a, long b, long *r) { return __builtin_mul_overflow(a, b, r); }
#ifdef __SIZEOF_INT128__
unsigned __int128 wide(u64 a, u64 b) { return (unsigned __int128)a * b; }
u64 high(u64 a, u64 b) { return (u64)((unsigned __int128)a * b >> 64); }
__int128 sum(__int128 a, __int128 b) { return a + b - 1; }
#endif

/* Integer arithmetic of every width. */
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
int add(int a, int b) { return a + b; }
int subtract_constant(int a) { return a - 70000; }
u32 multiply(u32 a, u32 b) { return a * b + 0x12345678; }
int divide(int a, int b) { return a / b + a % b; }
u32 divide_by_ten(u32 a) { return a / 10 + a % 7; }
u64 wide(u64 a, u64 b) { return a * b - (a >> 3) + (b << 5); }
long long wide_divide(long long a, long long b) { return b ? a / b : a % 3; }
u8 narrow(u8 a, u16 b) { return (u8)(a * 3 + (b >> 4)); }
short sign(short a, signed char b) { return (short)(a - b); }
int negate(int a) { return -a; }
u32 mix(u32 a) { a ^= a >> 16; a *= 0x85ebca6b; a ^= a >> 13; return ~a; }

/* Bit operations and the compiler's built-ins for them. */
typedef __UINT16_TYPE__ uint16_t; typedef __UINT32_TYPE__ uint32_t; typedef __UINT64_TYPE__ uint64_t;
int leading(unsigned a) { return __builtin_clz(a); }
int trailing(unsigned a) { return __builtin_ctz(a); }
int population(unsigned long long a) { return __builtin_popcountll(a); }
int parity(unsigned a) { return __builtin_parity(a); }
uint32_t swap32(uint32_t a) { return __builtin_bswap32(a); }
uint64_t swap64(uint64_t a) { return __builtin_bswap64(a); }
uint16_t swap16(uint16_t a) { return __builtin_bswap16(a); }
uint32_t rotate(uint32_t a, int n) { return a << n | a >> (32 - n); }
uint64_t rotate64(uint64_t a) { return a << 13 | a >> 51; }
uint32_t insert(uint32_t a, uint32_t b) { return (a & ~0xff0u) | (b << 4 & 0xff0u); }
uint32_t extract(uint32_t a) { return a >> 7 & 0x1ff; }
int test(uint32_t a) { return (a & 0x40000) != 0; }
uint64_t mask(int n) { return (1ull << n) - 1; }

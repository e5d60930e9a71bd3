/* Constants that need several instructions. */
unsigned a(void) { return 0; } unsigned b(void) { return 0xff; } unsigned c(void) { return 0xffff; }
unsigned d(void) { return 0x10000; } unsigned e(void) { return 0x12345678; } unsigned f(void) { return 0xffffffff; }
unsigned g(void) { return 0xff00ff00; } unsigned h(void) { return 0x80000000; } int i(void) { return -32768; } int j(void) { return -32769; }
unsigned long long k(void) { return 0x123456789abcdef0ull; } unsigned long long l(void) { return 0xffffffff00000000ull; }
unsigned long long m(void) { return 0x8000000000000000ull; } unsigned long long n(void) { return 0x00ff00ff00ff00ffull; }
int o(int x) { return x & 0x00ffff00; } int p(int x) { return x | 0x70000001; } int q(int x) { return x ^ 0x55555555; }
int r(int x) { return x + 0x7fff8000; } int s(int x) { return x == 0x12340000; } unsigned t(unsigned x) { return x > 0xfffff000; }

/* Check sums and hashes. */
typedef unsigned int u32; typedef unsigned char u8; typedef unsigned long long u64;
static u32 table[256];
void fill(void) { for (u32 i = 0; i < 256; i++) { u32 c = i; for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1; table[i] = c; } }
u32 crc(const u8 *p, unsigned n) { u32 c = ~0u; while (n--) c = table[(c ^ *p++) & 255] ^ c >> 8; return ~c; }
u64 fnv(const char *s) { u64 h = 0xcbf29ce484222325ull; while (*s) { h ^= (u8)*s++; h *= 0x100000001b3ull; } return h; }
u32 adler(const u8 *p, int n) { u32 a = 1, b = 0; for (int i = 0; i < n; i++) { a = (a + p[i]) % 65521; b = (b + a) % 65521; } return b << 16 | a; }

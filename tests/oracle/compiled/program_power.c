/* What Power has beside program.c: decimal floating point (where the processor has it), 128-bit integers, long double (two
   doubles), vectors of doubles, conversions, and the extended divisions and bit operations of Power ISA 2.06. */

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned __int128 u128;

void put(const char *text, u32 length);
_Noreturn void leave(u32 status);

#define ROOM 96
#define NEVER_INLINE __attribute__((noinline))

static u64 state = 0x2545F4914F6CDD1Dull;
static u64 next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

void *memcpy(void *to, const void *from, __SIZE_TYPE__ size) {
    char *t = to;
    const char *f = from;
    while (size--) *t++ = *f++;
    return to;
}
void *memset(void *to, int value, __SIZE_TYPE__ size) {
    char *t = to;
    while (size--) *t++ = (char)value;
    return to;
}
int raise(int signal) { return signal; }
_Noreturn void abort(void) { leave(99); }

static void line(const char *name, u64 value) {
    char text[40];
    u32 at = 0;
    while (*name) text[at++] = *name++;
    text[at++] = ' ';
    for (int shift = 60; shift >= 0; shift -= 4) text[at++] = "0123456789abcdef"[value >> shift & 15];
    text[at++] = '\n';
    put(text, at);
}

#define BITS(type, value) ({ union { type own; u64 words[sizeof(type) / 8]; } both = {.own = (value)}; both; })
static u64 mix(u64 sum, u64 value) { return (sum << 7 | sum >> 57) ^ value * 0x9E3779B97F4A7C15ull; }

#ifdef _ARCH_PWR7
NEVER_INLINE static u64 decimals(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 150; i++) {
        _Decimal64 a = (_Decimal64)(s64)(next() >> 20) / 1000.dd, b = (_Decimal64)(int)next() * 0.01dd + 1.5dd;
        _Decimal64 c = a * b - a / b;
        _Decimal128 d = (_Decimal128)c * 1e-3dl + (_Decimal128)a, e = d / ((_Decimal128)b + 7.dl);
        sum = mix(sum, BITS(_Decimal64, c).words[0] ^ (u64)(a < b) + 2 * (c == a));
        sum = mix(sum, BITS(_Decimal128, d).words[0] + BITS(_Decimal128, e).words[1]);
        sum = mix(sum, (u64)(s64)(b * 3.dd) ^ (u64)(int)(_Decimal32)b);
    }
    return sum;
}
#endif

NEVER_INLINE static u64 wide_integers(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 400; i++) {
        u128 a = (u128)next() << 64 | next(), b = (u128)(next() >> (i & 63)) << (i & 31) | 1;
        u128 c = a * b + (a >> (i & 127)) - (b << (i % 100)), d = a / b, e = a % b;
        sum = mix(sum, (u64)c ^ (u64)(c >> 64));
        sum = mix(sum, (u64)d + (u64)(e >> 3));
        sum = mix(sum, __builtin_bswap64((u64)a) + (u64)__builtin_popcountll((u64)b) + (u64)__builtin_clzll((u64)b | 1));
    }
    return sum;
}

NEVER_INLINE static u64 long_doubles(void) {
    u64 sum = 0;
    for (u32 i = 1; i < 200; i++) {
        long double a = (long double)(s64)(next() >> 12) / i, b = (long double)(int)next() + 0.125L;
        long double c = a * b + a / (b + 0.5L);
        sum = mix(sum, BITS(double, (double)c).words[0] ^ (u64)(a < b));
        sum = mix(sum, (u64)(s64)(c / 1e12L));
    }
    return sum;
}

static double doubles[4][ROOM];
static float floats[2][ROOM];
static s64 longs[2][ROOM];

/* Loops that -O3 makes vectors of, of VSX where there is. Numbers are small integers and halves: any order gives one sum. */
NEVER_INLINE static u64 vector_doubles(void) {
    u64 sum = 0;
    for (u32 round = 0; round < 20; round++) {
        for (u32 i = 0; i < ROOM; i++) doubles[0][i] = (double)(int)(next() >> 50) * 0.5;
        for (u32 i = 0; i < ROOM; i++) doubles[1][i] = (double)(int)(next() >> 52) + 1.0;
        for (u32 i = 0; i < ROOM; i++) doubles[2][i] = doubles[0][i] * doubles[1][i] + doubles[1][i];
        for (u32 i = 0; i < ROOM; i++) doubles[3][i] = doubles[0][i] > doubles[1][i] ? doubles[0][i] : -doubles[1][i];
        for (u32 i = 0; i < ROOM; i++) floats[0][i] = (float)doubles[3][i];
        for (u32 i = 0; i < ROOM; i++) floats[1][i] = floats[0][i] * 0.25f + (float)(i & 7);
        for (u32 i = 0; i < ROOM; i++) longs[0][i] = (s64)doubles[2][i];
        for (u32 i = 0; i < ROOM; i++) longs[1][i] = (longs[0][i] & 0xFFFF) | (s64)((u64)longs[0][i] << 17);
        double total = 0;
        for (u32 i = 0; i < ROOM; i++) total += doubles[3][i];
        for (u32 i = 0; i < ROOM; i++) sum = mix(sum, (u64)longs[1][i] ^ BITS(double, doubles[2][i] + floats[1][i]).words[0]);
        sum = mix(sum, BITS(double, total).words[0]);
    }
    return sum;
}

int main(void) {
#ifdef _ARCH_PWR7
    line("decimals", decimals());
#endif
    line("wide integers", wide_integers());
    line("long doubles", long_doubles());
    line("vector doubles", vector_doubles());
    put("PASS\n", 5);
    leave(0);
}

/* A program of everyday C: what it prints depends on integer, floating-point and memory instructions of every kind.
   `put` writes a line, `leave` ends the program; start_linux.s and start_virt.s bring them. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

void put(const char *text, u32 length);
_Noreturn void leave(u32 status);

#define ROOM 64
#define NEVER_INLINE __attribute__((noinline))

static u32 seed = 20240117;

static u32 next(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed ^ seed >> 15;
}

void *memcpy(void *to, const void *from, __SIZE_TYPE__ size) {
    u8 *t = to;
    const u8 *f = from;
    while (size--) *t++ = *f++;
    return to;
}
void *memset(void *to, int value, __SIZE_TYPE__ size) {
    u8 *t = to;
    while (size--) *t++ = (u8)value;
    return to;
}

/* What libgcc calls where a divisor is 0. */
int raise(int signal) { return signal; }

static void line(const char *name, u64 value) {
    char text[40];
    u32 at = 0;
    while (*name) text[at++] = *name++;
    text[at++] = ' ';
    for (int shift = 60; shift >= 0; shift -= 4) text[at++] = "0123456789abcdef"[value >> shift & 15];
    text[at++] = '\n';
    put(text, at);
}

static u64 bits_of(double value) {
    u64 bits;
    __builtin_memcpy(&bits, &value, 8);
    return bits;
}
static u32 bits_of_float(float value) {
    u32 bits;
    __builtin_memcpy(&bits, &value, 4);
    return bits;
}

static u64 mix(u64 sum, u64 value) { return (sum << 7 | sum >> 57) ^ value * 0x9E3779B97F4A7C15ull; }

NEVER_INLINE static u32 choose(u32 which, u32 a, u32 b) {
    switch (which) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return b ? a / b : 1;
    case 4: return b ? a % b : 2;
    case 5: return a << (b & 31);
    case 6: return a >> (b & 31);
    case 7: return (u32)((int)a >> (b & 31));
    case 8: return a << (b & 31) | a >> (-b & 31);
    case 9: return a & ~b;
    case 10: return a | ~b;
    case 11: return __builtin_bswap32(a) + __builtin_bswap16((u16)b);
    case 12: return a ? (u32)__builtin_clz(a) : 32;
    case 13: return a ? (u32)__builtin_ctz(a) : 32;
    case 14: return (u32)__builtin_popcount(a ^ b);
    case 15: return (u32)(int)(signed char)a + (u32)(int)(short)b;
    case 16: return b ? (u32)((int)a / (int)(b | 1)) : 3;
    case 17: return a > b ? a : b;
    case 18: return (int)a < (int)b ? 7 : 1000000;
    case 19: return (a >> 5 & 0x3FF) | (u32)((int)(b << 9) >> 21);
    default: return 0;
    }
}

NEVER_INLINE static u64 wide(u32 which, u64 a, u64 b) {
    switch (which & 15) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return a / (b | 1);
    case 4: return a % (b | 1);
    case 5: return a << (b & 63);
    case 6: return a >> (b & 63);
    case 7: return (u64)((s64)a >> (b & 63));
    case 8: return (u64)((s64)a / (s64)(b | 1));
    case 9: return (u64)((s64)a % (s64)(b | 1));
    case 10: return (u64)(u32)a * (u32)b;
    case 11: return (u64)((s64)(int)a * (int)b + (s64)(a >> 3));
    case 12: return a < b ? a ^ b : a & b;
    case 13: return (s64)a < (s64)b ? ~a : -b;
    case 14: return __builtin_bswap64(a);
    default: return a ? (u64)__builtin_clzll(a) : 64;
    }
}

NEVER_INLINE static u64 integers(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 4000; i++) {
        u32 a = next(), b = i & 8 ? next() : next() & 63;
        sum = mix(sum, choose(i % 21, a, b));
        sum = mix(sum, wide(i, (u64)a << (b & 31) ^ next(), (u64)next() << (i & 31) | b));
    }
    return sum;
}

NEVER_INLINE static u64 doubles(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 600; i++) {
        double a = (double)(int)next() / 1000.0, b = (double)next() * 0.001 + 0.5;
        double c = a * b - a / b + __builtin_sqrt(b);
        float f = (float)c, g = (float)a * 0.25f;
        sum = mix(sum, bits_of(c) ^ bits_of_float(f / g));
        sum = mix(sum, (u64)(s64)c + (u64)(u32)(int)f + (u32)(b < 3e6 ? b : 1.0));
        sum = mix(sum, (u64)((a < c) + 2 * (f >= g) + 4 * (b != c)) + bits_of((double)(s64)wide(i, i, 3) + __builtin_fma(a, b, c)));
    }
    return sum;
}

static u8 bytes[3][ROOM * 4];
static u16 halves[3][ROOM * 2];
static u32 words[3][ROOM];
static int signed_words[3][ROOM];
static float floats[3][ROOM];
static short shorts[3][ROOM * 2];

/* Loops that -O3 makes vectors of. */
NEVER_INLINE static void vector_loops(u32 k) {
    for (u32 i = 0; i < ROOM * 4; i++) bytes[2][i] = (u8)(bytes[0][i] > bytes[1][i] ? bytes[0][i] - bytes[1][i] : bytes[1][i] - bytes[0][i]);
    for (u32 i = 0; i < ROOM * 4; i++) bytes[0][i] = (u8)((bytes[0][i] + bytes[2][i] + 1) >> 1);
    for (u32 i = 0; i < ROOM * 2; i++) halves[2][i] = (u16)(halves[0][i] * 3 + (halves[1][i] >> 3));
    for (u32 i = 0; i < ROOM * 2; i++) shorts[2][i] = (short)(shorts[0][i] < shorts[1][i] ? shorts[0][i] : shorts[1][i] ^ (short)k);
    for (u32 i = 0; i < ROOM; i++) words[2][i] = (words[0][i] & ~words[1][i]) | words[1][i] << 5;
    for (u32 i = 0; i < ROOM; i++) signed_words[2][i] = signed_words[0][i] > 0 ? signed_words[0][i] >> 3 : -signed_words[1][i] * 5;
    for (u32 i = 0; i < ROOM; i++) floats[2][i] = floats[0][i] * floats[1][i] + (float)signed_words[0][i];
    for (u32 i = 0; i < ROOM; i++) signed_words[1][i] += (int)(floats[1][i] * 100.0f);
    for (u32 i = 0; i < ROOM; i++) words[1][i] += (u32)shorts[2][i * 2] * (u32)shorts[2][i * 2 + 1];
    for (u32 i = 0; i < ROOM; i++) halves[1][i] = (u16)(words[2][i] >> 16);
    for (u32 i = 0; i < ROOM; i++) words[0][i] = words[2][i] > words[1][i] ? words[2][i] : words[1][i];
    for (u32 i = 0; i < ROOM * 2; i++) shorts[1][i] = (short)(bytes[2][i * 2] * 257 - bytes[2][i * 2 + 1]);
}

NEVER_INLINE static u64 vectors(void) {
    u64 sum = 0;
    for (u32 i = 0; i < ROOM; i++) {
        for (u32 k = 0; k < 2; k++) {
            u32 a = next();
            for (u32 j = 0; j < 4; j++) bytes[k][i * 4 + j] = (u8)(a >> 8 * j);
            halves[k][i * 2] = (u16)a, halves[k][i * 2 + 1] = (u16)(a >> 16);
            shorts[k][i * 2] = (short)next(), shorts[k][i * 2 + 1] = (short)(a >> 9);
            words[k][i] = next();
            signed_words[k][i] = (int)next() >> 9;
            floats[k][i] = (float)((int)next() >> 20) * 0.125f;
        }
    }
    for (u32 round = 0; round < 3; round++) {
        vector_loops(round * 77);
        u32 total = 0;
        int least = 0x7FFFFFFF;
        for (u32 i = 0; i < ROOM; i++) total += words[2][i], least = signed_words[2][i] < least ? signed_words[2][i] : least;
        sum = mix(sum, total + ((u64)(u32)least << 32));
        for (u32 i = 0; i < ROOM * 2; i++) sum = mix(sum, (u64)halves[2][i] << 16 | (u16)shorts[2][i] | (u64)bytes[0][i] << 40);
        for (u32 i = 0; i < ROOM; i++) sum = mix(sum, (u64)bits_of_float(floats[2][i]) ^ words[0][i]);
    }
    return sum;
}

struct packed { u32 low : 5, middle : 11; int high : 9; u32 rest : 7; u8 tail[7]; u64 big; };

NEVER_INLINE static struct packed changed(struct packed one, u32 by) {
    one.low += by, one.middle ^= by, one.high = (int)by - one.high, one.rest--, one.tail[by % 7] ^= (u8)by, one.big *= 3;
    return one;
}
NEVER_INLINE static u32 sum_of(u32 count, ...) {
    __builtin_va_list arguments;
    __builtin_va_start(arguments, count);
    u32 sum = 0;
    while (count--) sum = sum * 31 + __builtin_va_arg(arguments, u32) + (u32)__builtin_va_arg(arguments, u64);
    __builtin_va_end(arguments);
    return sum;
}
NEVER_INLINE static u64 structures(void) {
    struct packed one = {0};
    u64 sum = 0;
    u32 counter = 0;
    u64 long_counter = 5;
    u16 half_counter = 9;
    for (u32 i = 0; i < 200; i++) {
        one = changed(one, next());
        sum = mix(sum, one.low + one.middle + (u32)one.high + one.rest + one.tail[i % 7] + one.big);
        sum = mix(sum, sum_of(3, i, (u64)next(), next(), one.big, 5u, (u64)i));
        __atomic_fetch_add(&counter, i, __ATOMIC_SEQ_CST);
        __atomic_fetch_xor(&long_counter, (u64)counter << 13, __ATOMIC_ACQ_REL);
        u16 expected = half_counter;
        __atomic_compare_exchange_n(&half_counter, &expected, (u16)(i * 7), 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
    return mix(sum, counter ^ long_counter ^ half_counter);
}

static u32 fibonacci(u32 n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
NEVER_INLINE static u64 calls(void) {
    u32 (*volatile through)(u32) = fibonacci;
    volatile u32 depth = 15;
    return (u64)through(depth) << 32 | fibonacci(depth - 3);
}

int main(void) {
    line("integers", integers());
    line("doubles", doubles());
    line("vectors", vectors());
    line("structures", structures());
    line("calls", calls());
    leave(0);
}

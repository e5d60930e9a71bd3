/* Copies 32 KiB to and fro by words, each time one word further; then the sum of what came out. */
#include <stdint.h>

enum { WORDS = 8192, COPIES = 8 };

static void copy(uint32_t *restrict to, const uint32_t *restrict from)
{
    for (uint32_t i = 0; i < WORDS; i++)
        to[i] = from[i];
}

uint32_t kernel(uint32_t *arena)
{
    uint32_t *a = arena, *b = arena + 2 * WORDS;
    uint32_t x = 1, sum = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        x = x * 1103515245u + 12345u;
        a[i] = x;
    }
    for (uint32_t i = 0; i < COPIES; i++) {
        copy(b + i + 1, a + i);
        copy(a + i + 1, b + i + 1);
    }
    for (uint32_t i = 0; i < WORDS; i++)
        sum = (sum << 1 | sum >> 31) + a[COPIES + i];
    return sum;
}

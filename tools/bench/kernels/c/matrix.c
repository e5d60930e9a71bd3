/* Product of two 32 x 32 matrices of 32-bit numbers: the exclusive or of all results. */
#include <stdint.h>

enum { SIZE = 32 };

uint32_t kernel(uint32_t *arena)
{
    uint32_t *a = arena, *b = arena + SIZE * SIZE;
    uint32_t x = 1, sum = 0;
    for (int i = 0; i < 2 * SIZE * SIZE; i++) {
        x = x * 1103515245u + 12345u;
        arena[i] = x >> 16;
    }
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++) {
            uint32_t dot = 0;
            for (int n = 0; n < SIZE; n++)
                dot += a[i * SIZE + n] * b[n * SIZE + k];
            sum ^= dot;
        }
    return sum;
}

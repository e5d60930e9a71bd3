/* Quicksort (Hoare's partition, middle pivot) of 2048 numbers: each times its place, summed up. */
#include <stdint.h>

enum { COUNT = 2048 };

static void __attribute__((noinline)) sort(uint32_t *low, uint32_t *high)
{
    while (low < high) {
        uint32_t *i = low, *k = high, pivot = low[(high - low) >> 1];
        do {
            while (*i < pivot)
                i++;
            while (*k > pivot)
                k--;
            if (i <= k) {
                uint32_t t = *i;
                *i++ = *k;
                *k-- = t;
            }
        } while (i <= k);
        sort(low, k);
        low = i;
    }
}

uint32_t kernel(uint32_t *arena)
{
    uint32_t x = 1, sum = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        x = x * 1103515245u + 12345u;
        /* One word in front: k may step there, and a C pointer must not leave its array. */
        arena[1 + i] = x;
    }
    sort(arena + 1, arena + COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        sum += arena[1 + i] * i;
    return sum;
}

/* A binary tree of calls and returns, twelve deep. */
#include <stdint.h>

enum { DEPTH = 12 };

static uint32_t __attribute__((noinline)) tree(uint32_t depth, uint32_t x)
{
    if (depth == 0)
        return x * 3 + 1;
    uint32_t left = tree(depth - 1, x + depth);
    uint32_t right = tree(depth - 1, x ^ left);
    return (right << 1 | right >> 31) ^ left;
}

uint32_t kernel(uint32_t *arena)
{
    (void)arena;
    return tree(DEPTH, 1);
}

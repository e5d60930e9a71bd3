/* Sieve of Eratosthenes below 32768: the sum of all primes. */
#include <stdint.h>

enum { LIMIT = 32768 };

uint32_t kernel(uint32_t *arena)
{
    uint8_t *composite = (uint8_t *)arena;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < LIMIT; i++)
        composite[i] = 0;
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        sum += i;
        for (uint32_t k = i + i; k < LIMIT; k += i)
            composite[k] = 1;
    }
    return sum;
}

/* Seven kernels, one after the other: about two million instructions a run, of all kinds that compilers make. */
#include <stdint.h>

uint32_t crc32_kernel(uint32_t *arena);
uint32_t sha256_kernel(uint32_t *arena);
uint32_t quicksort_kernel(uint32_t *arena);
uint32_t sieve_kernel(uint32_t *arena);
uint32_t matrix_kernel(uint32_t *arena);
uint32_t list_kernel(uint32_t *arena);
uint32_t dispatch_kernel(uint32_t *arena);

uint32_t kernel(uint32_t *arena)
{
    uint32_t sum = crc32_kernel(arena);
    sum = sum * 31 + sha256_kernel(arena);
    sum = sum * 31 + quicksort_kernel(arena);
    sum = sum * 31 + sieve_kernel(arena);
    sum = sum * 31 + matrix_kernel(arena);
    sum = sum * 31 + list_kernel(arena);
    return sum * 31 + dispatch_kernel(arena);
}

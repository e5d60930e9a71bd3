/* An interpreter: 1024 byte codes of eight kinds, executed sixteen times through a jump table. */
#include <stdint.h>

enum { CODES = 1024, PASSES = 16 };

uint32_t kernel(uint32_t *arena)
{
    uint8_t *codes = (uint8_t *)arena;
    uint32_t x = 1, a = 1, b = 2;
    for (uint32_t i = 0; i < CODES; i++) {
        x = x * 1103515245u + 12345u;
        codes[i] = x >> 16 & 7;
    }
    for (uint32_t pass = 0; pass < PASSES; pass++)
        for (uint32_t i = 0; i < CODES; i++)
            switch (codes[i]) {
            case 0: a += b; break;
            case 1: b ^= a; break;
            case 2: a = a << 5 | a >> 27; break;
            case 3: b += 0x1234; break;
            case 4: a -= b >> 3; break;
            case 5: b = ~b; break;
            case 6: a ^= b << 7; break;
            case 7: b -= a; break;
            }
    return a ^ b;
}

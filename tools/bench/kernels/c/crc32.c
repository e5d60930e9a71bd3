/* CRC-32 (IEEE 802.3, reflected 0xEDB88320) of 16 KiB by a table of 256 words that is made first. */
#include <stdint.h>

enum { LENGTH = 16384 };

uint32_t kernel(uint32_t *arena)
{
    uint32_t *table = arena;
    uint8_t *data = (uint8_t *)(arena + 256);
    uint32_t x = 1;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xEDB88320u : 0);
        table[i] = c;
    }
    for (uint32_t i = 0; i < LENGTH; i++) {
        x = x * 1103515245u + 12345u;
        data[i] = x >> 16;
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < LENGTH; i++)
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 255];
    return ~crc;
}

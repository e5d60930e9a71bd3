/* Runs a kernel on the host as the guests' drivers do: arguments are warm-up runs, runs in a round, rounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t kernel(uint32_t *arena);

static uint32_t arena[1 << 18];

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    unsigned long runs = strtoul(arguments[1], 0, 0), rounds = strtoul(arguments[3], 0, 0);
    for (;;) {
        uint32_t checksum = 0;
        while (runs--)
            checksum = kernel(arena);
        printf("T %08X\n", checksum);
        fflush(stdout);
        if (rounds-- == 0)
            return 0;
        runs = strtoul(arguments[2], 0, 0);
    }
}

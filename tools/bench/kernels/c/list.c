/* Walks a ring of 4096 nodes of 16 bytes, laid out in a shuffled order, eight times. */
#include <stdint.h>

enum { NODES = 4096, WALKS = 8 };

struct node {
    uint32_t next, value, unused[2];
};

uint32_t kernel(uint32_t *arena)
{
    struct node *nodes = (struct node *)arena;
    uint32_t sum = 0, at = 0;
    /* A linear congruential generator of full period: the ring passes every node. */
    for (uint32_t i = 0; i < NODES; i++) {
        nodes[i].next = (i * 1229 + 1) & (NODES - 1);
        nodes[i].value = i * 2654435761u;
    }
    for (uint32_t i = 0; i < WALKS * NODES; i++) {
        sum = (sum << 1 | sum >> 31) + nodes[at].value;
        at = nodes[at].next;
    }
    return sum;
}

/* A ring buffer, with static inline functions. */
struct ring { unsigned head, tail, size; unsigned char data[256]; };
static struct ring rings[4];
static inline int full(struct ring *r) { return r->head - r->tail == r->size; }
static inline int empty(const struct ring *r) { return r->head == r->tail; }
int push(int i, unsigned char c) { struct ring *r = &rings[i]; if (full(r)) return -1; r->data[r->head++ & 255] = c; return 0; }
int pop(int i) { struct ring *r = &rings[i]; return empty(r) ? -1 : r->data[r->tail++ & 255]; }
void reset(void) { for (int i = 0; i < 4; i++) rings[i] = (struct ring){0, 0, 256, {0}}; }

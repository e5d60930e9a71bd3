/* Globals of several files used together, static inline chains, register variables. */
extern volatile unsigned long jiffies; extern int (*handlers[16])(int, void *);
struct frame { unsigned long gpr[32], nip, msr, ctr, link; };
static inline void acknowledge(volatile unsigned *controller, int n) { controller[4] = 1u << (n & 31); }
int dispatch(struct frame *f, volatile unsigned *controller) {
    unsigned pending = controller[0];
    int handled = 0;
    while (pending) { int n = __builtin_ctz(pending); if (handlers[n & 15]) handled += handlers[n & 15](n, f); acknowledge(controller, n); pending &= pending - 1; }
    if (f->msr & 0x8000) jiffies++;
    return handled;
}
void skip(struct frame *f) { f->nip += 4; f->gpr[3] = (unsigned long)-1; }

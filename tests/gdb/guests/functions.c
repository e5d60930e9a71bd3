/* Functions for a debugger to call, locals for it to look at, and a loop that runs until somebody stops it. */

struct pair { long first, second; };
struct large { int values[8]; };
struct point { double x, y; };

volatile int rounds;
struct large made;

int add(int a, int b) { return a + b; }

long long multiply(long long a, long long b) { return a * b; }

double scale(double a, double b) { return a * b + 0.5; }

float half(float a) { return a / 2; }

struct pair swap(long first, long second)
{
    struct pair result = { second, first };
    return result;
}

struct point mirror(double x, double y)
{
    struct point result = { -x, -y };
    return result;
}

struct large fill(int first)
{
    struct large result;
    for (int i = 0; i < 8; i++)
        result.values[i] = first + i;
    return result;
}

int sum(struct large *all)
{
    int total = 0;
    for (int i = 0; i < 8; i++)
        total += all->values[i];                        /* in the loop */
    return total;
}

int count(int most)
{
    int total = 0;
    for (int i = 0; i < most; i++) {
        total += add(i, 1);                             /* a round */
        rounds++;
    }
    return total;
}

int main(void)
{
    volatile double scaled = scale(2.0, 4.0);
    struct pair swapped = swap(1, 2);
    made = fill((int)swapped.first);
    count(30);
    for (;;) {
        rounds++;                                       /* for ever */
        sum(&made);
    }
    return (int)scaled;
}

/* What the architectures want done before C runs: a stack, and floating point that is switched on. */
#ifdef __powerpc64__
__asm__(
    "        .pushsection .text.start,\"ax\"\n"
    "        .globl  _start\n"
    "_start: mfmsr   3\n"
    "        ori     3, 3, 0x2000\n"                    /* FP, */
    "        oris    3, 3, 0x0280\n"                    /* VEC and VSX */
    "        mtmsrd  3\n"
    "        isync\n"
    "        lis     1, stack_top@h\n"
    "        ori     1, 1, stack_top@l\n"
    "        lis     2, .TOC.@h\n"
    "        ori     2, 2, .TOC.@l\n"
    "        li      3, 0\n"
    "        stdu    3, -112(1)\n"
    "        bl      main\n"
    "        nop\n"
    "        b       .\n"
    "        .popsection\n");
#else
__asm__(
    "        .pushsection .text.start,\"ax\"\n"
    "        .arm\n"
    "        .globl  _start\n"
    "        .type   _start, %function\n"
    "_start: mrc     p15, 0, r0, c1, c0, 2\n"
    "        orr     r0, r0, #0xF00000\n"               /* coprocessors 10 and 11 */
    "        mcr     p15, 0, r0, c1, c0, 2\n"
    "        isb\n"
    "        mov     r0, #0x40000000\n"                 /* FPEXC.EN */
    "        fmxr    fpexc, r0\n"
    "        ldr     sp, =stack_top\n"
    "        mov     r11, #0\n"
    "        bl      main\n"
    "        b       .\n"
    "        .ltorg\n"
    "        .popsection\n");
#endif

__asm__(
    "        .pushsection .bss.stack,\"aw\",%nobits\n"
    "        .balign 16\n"
    "        .space  16384\n"
    "stack_top: .space 128\n"
    "        .popsection\n");

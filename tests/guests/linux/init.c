/* The first and only program of the test kernels' user space: a shell of a few commands. No C library. */

#include <stdarg.h>

enum { READ = 3, WRITE = 4, OPEN = 5, EXIT = 1, FORK = 2, MOUNT = 21, REBOOT = 88, WAIT4 = 114, UNAME = 122, SLEEP = 162 };
#ifdef __powerpc64__
enum { GETCPU = 302 };
#else
enum { GETCPU = 345 };
#endif

static long call(long number, long a, long b, long c, long d, long e)
{
#ifdef __powerpc64__
    register long r0 __asm__("r0") = number;
    register long r3 __asm__("r3") = a;
    register long r4 __asm__("r4") = b;
    register long r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    register long r7 __asm__("r7") = e;
    __asm__ volatile("sc; bns+ 1f; neg 3, 3; 1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
                     :
                     : "r8", "r9", "r10", "r11", "r12", "cr0", "ctr", "memory");
    return r3;
#else
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    register long r3 __asm__("r3") = d;
    register long r4 __asm__("r4") = e;
    __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r7) : "memory");
    return r0;
#endif
}

/* gcc calls these by itself. */
void *memset(void *to, int value, unsigned long size)
{
    for (char *at = to; size--; at++) *(volatile char *)at = value;
    return to;
}
void *memcpy(void *to, const void *from, unsigned long size)
{
    for (unsigned long n = 0; n < size; n++) ((volatile char *)to)[n] = ((const char *)from)[n];
    return to;
}

static unsigned long length(const char *text)
{
    unsigned long n = 0;
    while (text[n]) n++;
    return n;
}

static void print(const char *text) { call(WRITE, 1, (long)text, length(text), 0, 0); }

static void print_number(unsigned long value)
{
    char digits[24];
    int at = sizeof digits - 1;
    digits[at] = 0;
    do digits[--at] = '0' + value % 10; while (value /= 10);
    print(digits + at);
}

static int begins(const char *text, const char *with)
{
    while (*with) if (*text++ != *with++) return 0;
    return 1;
}

static unsigned long number(const char *text)
{
    unsigned long value = 0;
    while (*text >= '0' && *text <= '9') value = value * 10 + *text++ - '0';
    return value;
}

static void cat(const char *path)
{
    static char buffer[512];
    long file = call(OPEN, (long)path, 0, 0, 0, 0), size;
    if (file < 0) { print("cannot be opened\n"); return; }
    while ((size = call(READ, file, (long)buffer, sizeof buffer, 0, 0)) > 0) call(WRITE, 1, (long)buffer, size, 0, 0);
}

/* What each child computes: integers, memory and floating point, in a place of its own. */
static unsigned long compute(unsigned long seed)
{
    static unsigned long table[256];
    double sum = 0;
    for (int n = 0; n < 256; n++) table[n] = seed = seed * 1103515245 + 12345;
    for (int round = 0; round < 40; round++)
        for (int n = 0; n < 256; n++) { table[n] ^= table[(n * 7 + round) & 255] >> 3; sum += table[n] & 15; }
    return ((unsigned long)sum ^ table[100]) & 127;
}

/* Forks children that compute at the same time, and tells how many came to the right result, and on which processors. */
static void children(unsigned long count)
{
    unsigned long right = 0, cpus = 0;
    for (unsigned long n = 0; n < count; n++)
        if (call(FORK, 0, 0, 0, 0, 0) == 0) {
            unsigned cpu = 0;
            unsigned long found = compute(n);
            call(GETCPU, (long)&cpu, 0, 0, 0, 0);
            call(EXIT, (found == compute(n) ? 0 : 64) | (cpu & 7), 0, 0, 0, 0);
        }
    for (unsigned long n = 0; n < count; n++) {
        int status = 0;
        call(WAIT4, -1, (long)&status, 0, 0, 0);
        if ((status >> 8 & 64) == 0 && (status & 255) == 0) right++;
        cpus |= 1ul << (status >> 8 & 7);
    }
    print_number(right);
    print(" children right, processors ");
    for (int n = 0; n < 8; n++) if (cpus >> n & 1) { print_number(n); print(" "); }
    print("\n");
}

static void execute(char *line)
{
    if (begins(line, "echo ")) { print(line + 5); print("\n"); }
    else if (begins(line, "cat ")) cat(line + 4);
    else if (begins(line, "children ")) children(number(line + 9));
    else if (begins(line, "sleep ")) {
        long time[2] = {number(line + 6), 0};
        call(SLEEP, (long)time, 0, 0, 0, 0);
        print("slept\n");
    } else if (begins(line, "uname")) {
        static char names[6][65];
        call(UNAME, (long)names, 0, 0, 0, 0);
        print(names[0]); print(" "); print(names[2]); print(" "); print(names[4]); print("\n");
    } else if (begins(line, "poweroff")) call(REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
    else if (begins(line, "reboot")) call(REBOOT, 0xfee1dead, 672274793, 0x01234567, 0, 0);
    else if (*line) print("echo TEXT, cat FILE, children N, sleep N, uname, poweroff, reboot\n");
}

void _start(void)
{
    static char line[256];
    call(MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
    for (;;) {
        print("# ");
        long size = call(READ, 0, (long)line, sizeof line - 1, 0, 0);
        if (size <= 0) call(REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
        while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
        line[size] = 0;
        execute(line);
    }
}

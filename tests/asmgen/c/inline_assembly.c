/* Inline assembly of both architectures. */
#ifdef __powerpc__
unsigned long link(void) { unsigned long v; __asm__ volatile("mflr %0" : "=r"(v)); return v; }
void sync(void) { __asm__ volatile("sync" ::: "memory"); }
long add(long a, long b) { long r; __asm__("add %0,%1,%2" : "=r"(r) : "r"(a), "r"(b)); return r; }
int compare(int a) { int r; __asm__("cmpwi %1,0\n\tmfcr %0\n\trlwinm %0,%0,3,31,31" : "=r"(r) : "r"(a) : "cr0"); return r; }
void loop(long n) { __asm__ volatile("mtctr %0\n1:\tbdnz 1b" :: "r"(n) : "ctr"); }
void section(void) { __asm__ volatile("1: nop\n\t.pushsection .table,\"a\"\n\t.quad 1b\n\t.popsection"); }
unsigned long load(unsigned long *p) { unsigned long v; __asm__("ld%U1%X1 %0,%1" : "=r"(v) : "m"(*p)); return v; }
#else
unsigned link(void) { unsigned v; __asm__ volatile("mov %0, lr" : "=r"(v)); return v; }
void sync(void) { __asm__ volatile("dsb sy" ::: "memory"); }
int add(int a, int b) { int r; __asm__("add %0, %1, %2" : "=r"(r) : "r"(a), "r"(b)); return r; }
unsigned read(void) { unsigned v; __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(v)); return v; }
void write(unsigned v) { __asm__ volatile("mcr p15, 0, %0, c7, c10, 4" :: "r"(v)); }
void loop(int n) { __asm__ volatile("1:\n\tsubs %0, %0, #1\n\tbne 1b" : "+r"(n) :: "cc"); }
void section(void) { __asm__ volatile("1: nop\n\t.pushsection .table,\"a\"\n\t.long 1b\n\t.popsection"); }
unsigned load(unsigned *p) { unsigned v; __asm__("ldr %0, %1" : "=r"(v) : "m"(*p)); return v; }
#endif

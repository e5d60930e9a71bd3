/* Nested functions (a trampoline on the stack) and statement expressions. */
extern void each(void (*)(int), int);
int total(int n) { int s = 0; void add(int v) { s += v; } each(add, n); add(1); return s; }
#define MAX(a, b) ({ __typeof__(a) x = (a); __typeof__(b) y = (b); x > y ? x : y; })
int maximum(int a, int b, int c) { return MAX(MAX(a, b), c); }

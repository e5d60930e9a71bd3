/* Enumerations, bool, conditions as values. */
#include <stdbool.h>
enum colour { RED, GREEN = 5, BLUE, LARGE = 0x7fffffff };
enum colour next(enum colour c) { return c == RED ? GREEN : c == GREEN ? BLUE : LARGE; }
bool both(bool a, bool b) { return a && b; }
bool any(int a, int b) { return a || b; }
int count(bool a, bool b, bool c) { return a + b + c; }
bool between(int a) { return a >= 10 && a < 20; }
int compare(unsigned a, unsigned b) { return a >= b; }
bool set(unsigned long long v, int n) { return v >> n & 1; }

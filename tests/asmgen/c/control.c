/* Branches of every kind. */
int sign(int a) { if (a < 0) return -1; if (a > 0) return 1; return 0; }
int clamp(int a, int low, int high) { return a < low ? low : a > high ? high : a; }
int both(int a, int b) { return a > 3 && b < 7 || a == b; }
unsigned maximum(unsigned a, unsigned b) { return a > b ? a : b; }
int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * i; return s; }
int collatz(unsigned n) { int steps = 0; while (n != 1) { n = n & 1 ? 3 * n + 1 : n / 2; steps++; } return steps; }
int forever(volatile int *p) { do { if (*p == 42) break; if (*p & 1) continue; *p += 1; } while (1); return *p; }
int jumps(int a) { if (a) goto out; a = 5; again: a--; if (a > 2) goto again; out: return a; }
long compare_long(long a, long b) { return (a < b) - (a > b); }
int compare64(long long a, unsigned long long b) { return a < 0 || (unsigned long long)a < b; }

/* Recursion and calls with many arguments. */
int factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }
unsigned fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
int ackermann(int m, int n) { return !m ? n + 1 : !n ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
int many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) { return a + b * c - d + e * f - g + h * i - j; }
extern int other(int, int, int, int, int, int, int, int, int, int, double, long long);
int call(int a) { return many(a, 1, 2, 3, 4, 5, 6, 7, 8, 9) + other(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1.5, 1ll << 40); }
static int odd(int n); static int even(int n) { return n ? odd(n - 1) : 1; }
static int odd(int n) { return n ? even(n - 1) : 0; }
int is_even(int n) { return even(n); }

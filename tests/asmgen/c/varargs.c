/* Variable arguments. */
#include <stdarg.h>
int sum(int n, ...) { va_list l; va_start(l, n); int s = 0; while (n--) s += va_arg(l, int); va_end(l); return s; }
double mean(int n, ...) { va_list l; va_start(l, n); double s = 0; for (int i = 0; i < n; i++) s += va_arg(l, double); va_end(l); return s / n; }
int vprintf(const char *, va_list), printf(const char *, ...);
int log_it(const char *f, ...) { va_list l; va_start(l, f); int r = vprintf(f, l); va_end(l); return r; }
int show(int a, double d, long long l) { return printf("%d %f %lld\n", a, d, l) + sum(3, a, 2, 3); }

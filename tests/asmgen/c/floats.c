/* Floating point: both precisions, constants, conversions, comparisons. */
float addf(float a, float b) { return a + b * 2.5f; }
double add(double a, double b) { return a / b - 0.1; }
double fused(double a, double b, double c) { return a * b + c; }
float negate(float a) { return -a; }
double magnitude(double a) { return __builtin_fabs(a); }
int truncate_to_int(double a) { return (int)a; }
unsigned to_unsigned(float a) { return (unsigned)a; }
double from_int(int a) { return a; }
float from_unsigned(unsigned a) { return (float)a; }
double widen(float a) { return a; }
float narrow(double a) { return (float)a; }
int less(double a, double b) { return a < b; }
int equal(float a, float b) { return a == b; }
double choose(double a, double b) { return a > b ? a : b; }
double root(double a) { return __builtin_sqrt(a); }
double polynomial(double x) { return ((x * 1.5 + 2.0) * x - 3.25) * x + 1e10; }
long long to_long(double a) { return (long long)a; }
double zero(void) { return 0.0; }
float one(void) { return 1.0f; }

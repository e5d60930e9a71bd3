/* Many live values across calls. */
extern long f(long); extern double g(double);
long integers(long a) {
    long b = f(a), c = f(b), d = f(c), e = f(d), h = f(e), i = f(h), j = f(i), k = f(j), l = f(k), m = f(l), n = f(m);
    return f(a + b + c + d + e + h) + i * j + k * l + m * n;
}
double doubles(double a) {
    double b = g(a), c = g(b), d = g(c), e = g(d), h = g(e), i = g(h), j = g(i), k = g(j), l = g(k);
    return g(a + b + c) + d * e + h * i + j * k + l;
}

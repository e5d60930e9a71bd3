/* Unions and type punning. */
union number { float f; unsigned u; unsigned char b[4]; };
union wide { double d; unsigned long long u; unsigned short h[4]; };
unsigned bits(float f) { union number n = {f}; return n.u; }
float from(unsigned u) { union number n; n.u = u; return n.f; }
unsigned long long wide_bits(double d) { union wide w = {d}; return w.u ^ 1; }
int byte(union number *n, int i) { return n->b[i]; }
int half(double d, int i) { union wide w = {d}; return w.h[i]; }

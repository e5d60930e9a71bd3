/* Vectors of gcc's own. */
typedef int v4 __attribute__((vector_size(16))); typedef float f4 __attribute__((vector_size(16)));
v4 add(v4 a, v4 b) { return a + b; }
f4 multiply(f4 a, f4 b, f4 c) { return a * b + c; }
v4 logic(v4 a, v4 b) { return (a & b) | (a ^ ~b); }
v4 shift(v4 a) { return a << 3; }
int element(v4 a, int i) { return a[i & 3]; }
v4 constant(void) { return (v4){1, 2, 3, 4}; }

/* Complex numbers and homogeneous aggregates. */
typedef _Complex double complex;
complex add(complex a, complex b) { return a + b; }
double norm(complex a) { return __real__ a * __real__ a + __imag__ a * __imag__ a; }
struct vector { double x, y, z; };
struct vector cross(struct vector a, struct vector b) { return (struct vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
float scaled(_Complex float a, float s) { return s * __real__ a - __imag__ a; }

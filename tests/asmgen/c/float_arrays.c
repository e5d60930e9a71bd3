/* Arrays of floating-point numbers. */
double dot(const double *a, const double *b, int n) { double s = 0; for (int i = 0; i < n; i++) s += a[i] * b[i]; return s; }
void scale(float *a, float by, int n) { for (int i = 0; i < n; i++) a[i] *= by; }
double table[] = {1.0, 2.5, -3.75, 1e300, 0.1};
float small[4] = {1.0f, 0.5f, -0.25f, 3.4e38f};
double pick(unsigned i) { return table[i % 5] + small[i % 4]; }
struct point { float x, y; double z; };
double length(struct point *p) { return p->x * p->x + p->y * p->y + p->z * p->z; }

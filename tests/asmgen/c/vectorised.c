/* Loops that -O3 turns into vector code. */
void add(int *restrict a, const int *restrict b, int n) { for (int i = 0; i < n; i++) a[i] += b[i]; }
void scale(float *restrict a, const float *restrict b, float s) { for (int i = 0; i < 256; i++) a[i] = b[i] * s; }
int sum(const short *a) { int s = 0; for (int i = 0; i < 128; i++) s += a[i]; return s; }
void widen(unsigned short *restrict a, const unsigned char *restrict b) { for (int i = 0; i < 64; i++) a[i] = b[i]; }
void maximum(unsigned *a, const unsigned *b) { for (int i = 0; i < 64; i++) a[i] = a[i] > b[i] ? a[i] : b[i]; }

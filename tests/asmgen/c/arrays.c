/* Arrays of one and more dimensions, on the stack too. */
int matrix[8][8], vector[64];
int trace(void) { int s = 0; for (int i = 0; i < 8; i++) s += matrix[i][i]; return s; }
void multiply(int a[8][8], int b[8][8], int c[8][8]) {
    for (int i = 0; i < 8; i++) for (int j = 0; j < 8; j++) { int s = 0; for (int k = 0; k < 8; k++) s += a[i][k] * b[k][j]; c[i][j] = s; }
}
int local(int n) { int a[100]; for (int i = 0; i < 100; i++) a[i] = i * n; return a[n] + a[99 - n]; }
void reverse(short *a, int n) { for (int i = 0; i < n / 2; i++) { short t = a[i]; a[i] = a[n - 1 - i]; a[n - 1 - i] = t; } }
long sum_bytes(const unsigned char *p, long n) { long s = 0; while (n--) s += *p++; return s; }

/* Copies and fills that the compiler may expand. */
void *memcpy(void *, const void *, __SIZE_TYPE__), *memset(void *, int, __SIZE_TYPE__), *memmove(void *, const void *, __SIZE_TYPE__);
int memcmp(const void *, const void *, __SIZE_TYPE__);
void copy8(void *a, const void *b) { memcpy(a, b, 8); }
void copy31(void *a, const void *b) { memcpy(a, b, 31); }
void copy(void *a, const void *b, unsigned long n) { memcpy(a, b, n); memmove(a, b, n / 2); }
void clear(void *a) { memset(a, 0, 40); }
void fill(char *a, int c) { memset(a, c, 16); }
int equal(const void *a, const void *b) { return memcmp(a, b, 4) == 0; }
void zero(long *p, int n) { for (int i = 0; i < n; i++) p[i] = 0; }

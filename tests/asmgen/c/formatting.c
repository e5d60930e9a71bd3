/* Numbers to text and back. */
extern void put(char);
void unsigned_decimal(unsigned long n) { char b[24]; int i = 0; do b[i++] = "0123456789"[n % 10]; while (n /= 10); while (i) put(b[--i]); }
void hexadecimal(unsigned long long n, int digits) { while (digits--) put("0123456789abcdef"[n >> digits * 4 & 15]); }
long parse(const char *s) { long n = 0; int sign = 1; if (*s == '-') sign = -1, s++; while (*s >= '0' && *s <= '9') n = n * 10 + *s++ - '0'; return n * sign; }

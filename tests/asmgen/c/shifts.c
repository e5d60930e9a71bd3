/* Shifts, arithmetic and logical, constant and not. */
long long left(long long a, int n) { return a << n; }
long long right(long long a, int n) { return a >> n; }
unsigned long long logical(unsigned long long a, int n) { return a >> n; }
int both(int a, unsigned b, int n) { return (a >> n) + (int)(b >> n); }
int constants(int a) { return (a >> 31) + (a << 7) + (int)((unsigned)a >> 9); }
int power_of_two(int a) { return a / 8 + a % 16; }

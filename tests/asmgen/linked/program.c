/* Relocations of data and code that a compiler makes: pointers in data, strings, calls both ways, a weak function
   that nobody defines, a common symbol, 64-bit division (a library's on Arm). Its result is its exit status. */
static int table[4] = {1, 2, 3, 4};
int *const second = &table[1];
const char *names[] = {"alpha", "beta"};
int shared[100];
extern int helper(int, long long);
__attribute__((weak)) void nobody(void);

static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
static long long divide(long long a, long long b) { return a / b; }

int main_c(int x)
{
    shared[3] = x;
    if (nobody)
        nobody();
    return helper(second[1] + names[1][0], divide(1000000000000LL, x)) + fibonacci(10) + shared[3];
}

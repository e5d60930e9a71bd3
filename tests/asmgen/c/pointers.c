/* Function pointers, tables of them, callbacks. */
typedef int operation(int, int);
static int add(int a, int b) { return a + b; }
static int subtract(int a, int b) { return a - b; }
extern int multiply(int, int);
operation *const operations[] = {add, subtract, multiply, 0};
operation *current = add;
int apply(int i, int a, int b) { return operations[i] ? operations[i](a, b) : 0; }
int call(operation *f, int a) { return f(a, a + 1); }
void choose(int i) { current = i ? subtract : multiply; }
int run(int a) { return current(a, call(add, a)); }
int tail(operation *f) { return f(1, 2); }

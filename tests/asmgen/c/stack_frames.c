/* Frames: large ones, alloca, variable-length arrays, frame addresses. */
extern void use(void *, ...);
int large(int n) { char buffer[70000]; buffer[n] = 1; use(buffer); return buffer[n + 1]; }
void dynamic(int n) { char *p = __builtin_alloca(n); use(p); }
int variable(int n) { int a[n]; use(a); return a[n - 1]; }
void *frame(void) { return __builtin_frame_address(0); }
void *caller(void) { return __builtin_return_address(0); }
void aligned(void) { char b[16] __attribute__((aligned(32))); use(b); }
void spill(int a, int b, int c, int d) { use(&a, &b, &c, &d); use(&d); }

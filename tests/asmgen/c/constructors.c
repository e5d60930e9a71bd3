/* Constructors, destructors, and pointers in data. */
static int state;
__attribute__((constructor)) static void begin(void) { state = 1; }
__attribute__((constructor(200))) static void early(void) { state += 2; }
__attribute__((destructor)) static void end(void) { state = 0; }
int get(void) { return state; }

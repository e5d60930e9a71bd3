/* Global data: initialised, zero, constant, static, extern, tentative. */
int initialised = 42, zero, *pointer = &initialised;
static int hidden = 7, hidden_zero[100];
const int constant = 99;
extern int elsewhere;
extern const char *name;
static const short table[] = {1, -2, 3, -4};
long long wide = 0x123456789abcdefLL;
char letters[] = "letters", *text = "text";
struct pair { int *p; const char *s; } pairs[] = {{&initialised, "one"}, {&zero, "two"}, {&hidden, 0}};
int sum(int i) { return initialised + zero + hidden + hidden_zero[i] + constant + elsewhere + table[i & 3] + *pointer; }
void store(int v) { initialised = v; zero = v; hidden = v; hidden_zero[v] = v; elsewhere = v; wide = v; }
const char *get(int i) { return i ? pairs[i].s : name; }
int *address(int i) { return &hidden_zero[i]; }

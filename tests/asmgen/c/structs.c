/* Structures: passed, returned, copied, nested. */
struct small { int a, b; };
struct large { long a[10]; char c; short d; };
struct mixed { char c; double d; int i; float f; };
struct outer { struct small s; struct mixed m; struct outer *next; };
struct small make(int a, int b) { struct small s = {a, b}; return s; }
int sum(struct small s) { return s.a + s.b; }
struct large big(int n) { struct large l; for (int i = 0; i < 10; i++) l.a[i] = n; l.c = 'x'; l.d = -1; return l; }
long use(struct large l) { return l.a[3] + l.c + l.d; }
double blend(struct mixed m, struct mixed *p) { *p = m; return m.d + m.f + m.i + m.c; }
int walk(struct outer *o) { int n = 0; while (o) { n += o->s.a + (int)o->m.d; o = o->next; } return n; }
void copy(struct large *to, const struct large *from) { *to = *from; }

/* Bit-fields and packed structures. */
struct flags { unsigned a : 3, b : 5, c : 1; int d : 7; unsigned long long e : 40; };
struct __attribute__((packed)) packed { char c; int i; short s; long long l; };
int get(struct flags *f) { return f->a + f->b + f->c + f->d; }
void set(struct flags *f, int v) { f->a = v; f->b = v >> 3; f->c = 1; f->d = -v; f->e = v; }
unsigned long long wide(struct flags *f) { return f->e; }
int sum(struct packed *p) { return p->c + p->i + p->s + (int)p->l; }
void store(struct packed *p, int v) { p->i = v; p->s = (short)v; p->l = v; }

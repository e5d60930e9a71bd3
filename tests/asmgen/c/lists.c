/* Linked lists and trees. */
struct node { struct node *next, *previous; int value; };
struct tree { struct tree *left, *right; long key; };
void insert(struct node *at, struct node *n) { n->next = at->next; n->previous = at; at->next->previous = n; at->next = n; }
void erase(struct node *n) { n->previous->next = n->next; n->next->previous = n->previous; n->next = n->previous = 0; }
int total(struct node *head) { int s = 0; for (struct node *n = head->next; n != head; n = n->next) s += n->value; return s; }
struct tree *find(struct tree *t, long key) { while (t && t->key != key) t = key < t->key ? t->left : t->right; return t; }
int depth(struct tree *t) { if (!t) return 0; int l = depth(t->left), r = depth(t->right); return 1 + (l > r ? l : r); }

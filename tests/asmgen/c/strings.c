/* Strings and characters, escapes among them. */
const char *messages[] = {"plain", "with \"quotes\"", "tab\tand\nnewline", "\x01\x02\xff", "", "back\\slash", "semi;colon #hash @at"};
const char *message(int i) { return messages[i]; }
int length(const char *s) { int n = 0; while (*s++) n++; return n; }
int compare(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a - *b; }
char *copy(char *to, const char *from) { char *start = to; while ((*to++ = *from++)) ; return start; }
int upper(int c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }
const unsigned short wide[] = u"wide";
const unsigned int wider[] = U"wider \u00e9";
int puts(const char *);
void say(void) { puts("hello"); puts("hello"); puts("another"); }

/* Weak symbols, aliases, visibility, sections of one's own. */
int target(int a) { return a + 1; }
int other_name(int) __attribute__((alias("target")));
int weak_name(int) __attribute__((weak, alias("target")));
extern int maybe(int) __attribute__((weak));
int call(int a) { return maybe ? maybe(a) : other_name(a); }
__attribute__((visibility("hidden"))) int hidden = 3;
__attribute__((visibility("protected"))) int guarded(void) { return hidden; }
__attribute__((section(".init.text"))) void start(void) { hidden = 4; }
__attribute__((section(".mydata"))) int placed = 5;
__attribute__((weak)) int weak_data = 6;
__attribute__((aligned(64))) int aligned_data = 7;
__attribute__((used)) static int kept = 8;
__attribute__((noinline, cold)) void rare(void) { hidden = 9; }

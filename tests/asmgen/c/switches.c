/* Switches: dense (a table), sparse (comparisons), nested, with ranges. */
int dense(int a) {
    switch (a) {
    case 0: return 10; case 1: return 21; case 2: return 17; case 3: return 99; case 4: return 5;
    case 5: return 1000; case 6: return 3; case 7: return -1; case 8: return 77; default: return 0;
    }
}
int sparse(int a) {
    switch (a) { case 1: return 5; case 100: return 6; case 10000: return 7; case 1000000: return 8; }
    return 9;
}
extern void first(void), second(void), third(int), fourth(void), fifth(void);
void calls(int a, int b) {
    switch (a) {
    case 1: first(); break;
    case 2: second(); /* falls through */
    case 3: third(b); break;
    case 4: switch (b) { case 0: first(); break; case 1: second(); break; case 2: fourth(); break; } break;
    case 5: fifth(); break;
    case 6: fourth(); fifth(); break;
    case 20 ... 29: third(a); break;
    default: third(0);
    }
}

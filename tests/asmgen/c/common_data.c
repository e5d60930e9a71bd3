/* Tentative definitions (with -fcommon they become common symbols). */
int tentative; long array[20]; char byte; double number; struct { int a; char b[7]; } record;
static int local; static char locals[33];
int sum(void) { return tentative + (int)array[3] + byte + (int)number + record.a + local++ + locals[tentative]; }

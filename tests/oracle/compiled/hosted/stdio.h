/* Of the C library, what Csmith's programs need of it: csmith_power.c has it. */
int printf(const char *format, ...);

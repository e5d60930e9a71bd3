/* A parser by states with a computed goto. */
int run(const unsigned char *code) {
    static const void *const labels[] = {&&stop, &&push, &&add, &&multiply, &&drop, &&jump};
    int stack[16], *sp = stack;
    goto *labels[*code];
push: *sp++ = code[1]; code += 2; goto *labels[*code];
add: sp--; sp[-1] += sp[0]; code++; goto *labels[*code];
multiply: sp--; sp[-1] *= sp[0]; code++; goto *labels[*code];
drop: sp--; code++; goto *labels[*code];
jump: code += (signed char)code[1]; goto *labels[*code];
stop: return sp[-1];
}

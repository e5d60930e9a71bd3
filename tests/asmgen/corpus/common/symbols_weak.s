# Weak stays weak, in either order; what .type and .size speak of is in the table though nothing defines it.
        .weak   a
        .globl  a
        .globl  b
        .weak   b
a:      .byte   1
b:      .byte   2
        .weak   c
        .type   d, %object
        .size   e, 4
        .type   f, %function
        .hidden g
        .type   h, %notype
..made_by_a_compiler:
        .byte   3
_.L_too: .byte  4
        .byte   ..made_by_a_compiler - a, _.L_too - a

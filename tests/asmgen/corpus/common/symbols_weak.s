# Weak stays weak, in either order; names that a compiler makes for itself stay out of the table.
        .weak   a
        .globl  a
        .globl  b
        .weak   b
a:      .byte   1
b:      .byte   2
..made_by_a_compiler:
        .byte   3
_.L_too: .byte  4
        .byte   ..made_by_a_compiler - a, _.L_too - a

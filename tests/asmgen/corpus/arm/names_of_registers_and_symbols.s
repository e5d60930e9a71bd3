@ A name of .req is a register's among operands, and a symbol's in numbers.
        .syntax unified
        .arm
in_hi   .req    v6
OUT     .req    r3
        .set    in_hi, 5
        .set    OUT, 4
        mov     r0, #in_hi
        ldr     in_hi, [OUT, #in_hi*4]
        ldr     in_hi, [OUT, #(OUT*4)]
        .word   in_hi
        mov     r0, #OUT+1
        .macro  both a
        mov     r1, #\a
        mov     \a, #1
        .endm
        both    in_hi
        ldr     r0, =OUT
        add     r0, r1, r2, lsl #OUT
quad    .qn     q3
double  .dn     d3
        .set    quad, 1
        vmov.i32 quad, #quad
        vadd.i16 double, double, d1



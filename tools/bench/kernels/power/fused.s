# Fused multiply-add in double precision: four chains of 2048 steps, each rounded once.

        .text
        .equ    STEPS, 2048
        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, numbers@ha
        addi    r9, r9, numbers@l
        lfd     f8, 0(r9)               # factors
        lfd     f9, 8(r9)
        lfd     f10, 16(r9)             # what is added
        lfd     f11, 24(r9)
        fmr     f1, f8
        fmr     f2, f9
        fmr     f3, f10
        fmr     f4, f11
        li      r5, STEPS
        mtctr   r5
1:      fmadd   f1, f1, f8, f10
        fnmsub  f2, f2, f9, f11
        fmsub   f3, f3, f8, f1
        fmul    f4, f4, f9
        fadd    f4, f4, f2
        fsub    f3, f3, f4
        bdnz    1b
        # Both words of each result, rotated into one.
        stfd    f1, 0(r3)
        stfd    f2, 8(r3)
        stfd    f3, 16(r3)
        stfd    f4, 24(r3)
        mr      r9, r3
        li      r3, 0
        li      r5, 8
        mtctr   r5
2:      lwz     r6, 0(r9)
        rotlwi  r3, r3, 5
        xor     r3, r3, r6
        addi    r9, r9, 4
        bdnz    2b
        blr
        .size   kernel, . - kernel

        .section .rodata, "a"
        .balign 8
numbers:
        .double 0.7, -0.3, 1.1, 0.9

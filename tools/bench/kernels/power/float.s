# Double precision: the Mandelbrot set on a grid of 24 x 24 points, as in c/float.c.

        .text
        .equ    SIZE, 24
        .equ    MOST, 64
        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, numbers@ha
        addi    r9, r9, numbers@l
        lfd     f8, 0(r9)               # 1/8
        lfd     f9, 8(r9)               # 2
        lfd     f10, 16(r9)             # 4
        lfd     f11, 24(r9)             # 65536
        lfd     f12, 32(r9)             # 0
        lfd     f1, 40(r9)              # cy of the first row: -1.5
        li      r5, 0                   # sum
        li      r6, SIZE
row:    fneg    f0, f9                  # cx of the first column: -2
        li      r7, SIZE
column: fmr     f2, f12                 # x
        fmr     f3, f12                 # y
        fmr     f4, f12                 # x * x
        fmr     f5, f12                 # y * y
        li      r8, 0
1:      cmpwi   r8, MOST
        beq     2f
        fadd    f6, f4, f5
        fcmpu   cr0, f6, f10
        bgt     2f
        fsub    f6, f4, f5
        fmul    f7, f9, f2
        fadd    f2, f6, f0
        fmul    f7, f7, f3
        fadd    f3, f7, f1
        fmul    f4, f2, f2
        fmul    f5, f3, f3
        addi    r8, r8, 1
        b       1b
2:      rotlwi  r5, r5, 5
        add     r5, r5, r8
        cmpwi   r8, MOST
        bne     3f
        # The floating-point unit's numbers reach a general register through memory.
        fmul    f6, f2, f11
        fctiwz  f6, f6
        stfd    f6, 0(r3)
        lwz     r8, 4(r3)
        add     r5, r5, r8
3:      fadd    f0, f0, f8
        addic.  r7, r7, -1
        bne     column
        fadd    f1, f1, f8
        addic.  r6, r6, -1
        bne     row
        mr      r3, r5
        blr
        .size   kernel, . - kernel

        .section .rodata, "a"
        .balign 8
numbers:
        .double 0.125, 2.0, 4.0, 65536.0, 0.0, -1.5

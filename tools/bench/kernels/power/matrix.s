# Product of two 32 x 32 matrices of 32-bit numbers, as in c/matrix.c.

        .text
        .equ    SIZE, 32
        .equ    FACTOR, 1103515245      # of the generator that makes the data
        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, 2 * SIZE * SIZE
        mtctr   r0
        li      r5, 1
        addi    r7, r3, -4
1:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        srwi    r6, r5, 16
        stwu    r6, 4(r7)
        bdnz    1b

        addi    r4, r3, 4 * SIZE * SIZE # the second matrix
        li      r12, 0                  # the result
        li      r10, SIZE               # rows left
row:    li      r11, 0                  # column, in bytes
column: add     r7, r4, r11
        addi    r7, r7, -4 * SIZE
        addi    r6, r3, -4
        li      r5, 0
        li      r0, SIZE
        mtctr   r0
2:      lwzu    r8, 4(r6)
        lwzu    r9, 4 * SIZE(r7)
        mullw   r8, r8, r9
        add     r5, r5, r8
        bdnz    2b
        xor     r12, r12, r5
        addi    r11, r11, 4
        cmpwi   r11, 4 * SIZE
        blt     column
        addi    r3, r3, 4 * SIZE
        addic.  r10, r10, -1
        bne     row
        mr      r3, r12
        blr
        .size   kernel, . - kernel

# Quicksort (Hoare's partition, middle pivot) of 2048 numbers, as in c/quicksort.c.

        .text
        .equ    COUNT, 2048
        .equ    FACTOR, 1103515245      # of the generator that makes the data
        .global kernel
        .type   kernel, @function
kernel:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        std     r31, 56(r1)
        mr      r31, r3
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, COUNT
        mtctr   r0
        li      r5, 1
        mr      r7, r3
1:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        stwu    r5, 4(r7)
        bdnz    1b

        addi    r3, r31, 4
        addi    r4, r31, 4 * COUNT
        bl      sort

        li      r0, COUNT
        mtctr   r0
        li      r3, 0
        li      r5, 0
2:      lwzu    r6, 4(r31)
        mullw   r6, r6, r5
        add     r3, r3, r6
        addi    r5, r5, 1
        bdnz    2b
        ld      r31, 56(r1)
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   kernel, . - kernel

# sort(r3 = first word, r4 = last word)
        .type   sort, @function
sort:
        cmpld   r3, r4
        bgelr
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        std     r30, 48(r1)
        std     r31, 56(r1)
        mr      r31, r4
again:  mr      r5, r3                  # i
        mr      r6, r31                 # k
        subf    r7, r3, r31
        srdi    r7, r7, 3
        sldi    r7, r7, 2
        lwzx    r7, r3, r7              # pivot
1:      lwz     r8, 0(r5)
        cmplw   r8, r7
        bge     2f
        addi    r5, r5, 4
        b       1b
2:      lwz     r9, 0(r6)
        cmplw   r9, r7
        ble     3f
        addi    r6, r6, -4
        b       2b
3:      cmpld   r5, r6
        bgt     4f
        stw     r9, 0(r5)
        stw     r8, 0(r6)
        addi    r5, r5, 4
        addi    r6, r6, -4
        cmpld   r5, r6
        ble     1b
4:      mr      r30, r5
        mr      r4, r6
        bl      sort
        mr      r3, r30
        cmpld   r3, r31
        blt     again
        ld      r30, 48(r1)
        ld      r31, 56(r1)
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   sort, . - sort

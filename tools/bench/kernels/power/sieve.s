# Sieve of Eratosthenes below 32768: the sum of all primes, as in c/sieve.c.

        .text
        .equ    LIMIT, 32768
        .global kernel
        .type   kernel, @function
kernel:
        # Flags are bytes; clearing them goes by words.
        li      r0, LIMIT / 4
        mtctr   r0
        li      r0, 0
        addi    r4, r3, -4
1:      stwu    r0, 4(r4)
        bdnz    1b

        li      r4, 2                   # i
        li      r6, 0                   # sum
        lis     r7, LIMIT@h
        ori     r7, r7, LIMIT@l
        li      r9, 1
next:   lbzx    r5, r3, r4
        cmpwi   r5, 0
        bne     3f
        add     r6, r6, r4
        add     r8, r4, r4
        cmplw   r8, r7
        bge     3f
2:      stbx    r9, r3, r8
        add     r8, r8, r4
        cmplw   r8, r7
        blt     2b
3:      addi    r4, r4, 1
        cmplw   r4, r7
        blt     next
        mr      r3, r6
        blr
        .size   kernel, . - kernel

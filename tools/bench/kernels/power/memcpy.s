# Copies 32 KiB to and fro by words, each time one word further, as in c/memcpy.c.

        .text
        .equ    WORDS, 8192
        .equ    COPIES, 8
        .equ    FACTOR, 1103515245      # of the generator that makes the data

        # copy_words: WORDS words from 4(r6) to 4(r7); the pointers are not kept.
        .macro  copy_words
        li      r0, WORDS
        mtctr   r0
2:      lwzu    r8, 4(r6)
        stwu    r8, 4(r7)
        bdnz    2b
        .endm

        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, WORDS
        mtctr   r0
        li      r5, 1
        addi    r7, r3, -4
1:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        stwu    r5, 4(r7)
        bdnz    1b

        addi    r3, r3, -4              # in front of the first place
        addis   r4, r3, 1               # ... of the second: 64 KiB behind
        li      r10, COPIES
next:   mr      r6, r3
        addi    r7, r4, 4
        copy_words
        addi    r4, r4, 4
        addi    r3, r3, 4
        mr      r6, r4
        mr      r7, r3
        copy_words
        addic.  r10, r10, -1
        bne     next

        li      r0, WORDS
        mtctr   r0
        li      r5, 0
3:      lwzu    r8, 4(r3)
        rotlwi  r5, r5, 1
        add     r5, r5, r8
        bdnz    3b
        mr      r3, r5
        blr
        .size   kernel, . - kernel

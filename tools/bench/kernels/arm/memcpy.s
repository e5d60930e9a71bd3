@ Copies 32 KiB to and fro by words, each time one word further, as in c/memcpy.c.

        .text
        .equ    WORDS, 8192
        .equ    COPIES, 8
        .equ    FACTOR, 1103515245      @ of the generator that makes the data

        @ copy_words: WORDS words from r2 to r3; the pointers are not kept.
        .macro  copy_words
        mov     r1, #WORDS
2:      ldr     r12, [r2], #4
        str     r12, [r3], #4
        subs    r1, r1, #1
        bne     2b
        .endm

        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =FACTOR
        ldr     r5, =12345
        mov     r4, r0
        mov     r1, #1
        mov     r3, #WORDS
1:      mla     r1, r1, r6, r5
        str     r1, [r4], #4
        subs    r3, r3, #1
        bne     1b

        add     r4, r0, #0x10000        @ the second place: 64 KiB behind
        mov     r5, #COPIES
next:   mov     r2, r0
        add     r3, r4, #4
        copy_words
        add     r0, r0, #4
        add     r4, r4, #4
        mov     r2, r4
        mov     r3, r0
        copy_words
        subs    r5, r5, #1
        bne     next

        mov     r1, #WORDS
        mov     r2, #0
3:      ldr     r12, [r0], #4
        add     r2, r12, r2, ror #31
        subs    r1, r1, #1
        bne     3b
        mov     r0, r2
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

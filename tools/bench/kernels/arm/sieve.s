@ Sieve of Eratosthenes below 32768: the sum of all primes, as in c/sieve.c.

        .text
        .equ    LIMIT, 32768
        .global kernel
        .type   kernel, %function
kernel:
        @ Flags are bytes; clearing them goes by words.
        mov     r1, r0
        add     r2, r0, #LIMIT
        mov     r3, #0
1:      str     r3, [r1], #4
        cmp     r1, r2
        blo     1b

        mov     r1, #2                  @ i
        mov     r3, #0                  @ sum
        mov     r12, #1
next:   ldrb    r2, [r0, r1]
        cmp     r2, #0
        bne     3f
        add     r3, r3, r1
        add     r2, r1, r1
        cmp     r2, #LIMIT
        bhs     3f
2:      strb    r12, [r0, r2]
        add     r2, r2, r1
        cmp     r2, #LIMIT
        blo     2b
3:      add     r1, r1, #1
        cmp     r1, #LIMIT
        blo     next
        mov     r0, r3
        bx      lr
        .size   kernel, . - kernel

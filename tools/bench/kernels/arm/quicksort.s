@ Quicksort (Hoare's partition, middle pivot) of 2048 numbers, as in c/quicksort.c.

        .text
        .equ    COUNT, 2048
        .equ    FACTOR, 1103515245      @ of the generator that makes the data
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =FACTOR
        ldr     r5, =12345
        mov     r4, r0
        mov     r1, #1
        mov     r3, #COUNT
1:      mla     r1, r1, r6, r5
        str     r1, [r0], #4
        subs    r3, r3, #1
        bne     1b

        sub     r1, r0, #4
        mov     r0, r4
        bl      sort

        mov     r0, #0
        mov     r3, #0
2:      ldr     r1, [r4], #4
        mla     r0, r1, r3, r0
        add     r3, r3, #1
        cmp     r3, #COUNT
        blo     2b
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

@ sort(r0 = first word, r1 = last word)
        .type   sort, %function
sort:
        cmp     r0, r1
        bxhs    lr
        push    {r4, r5, r6, lr}
        mov     r5, r1
again:  mov     r2, r0                  @ i
        mov     r3, r5                  @ k
        sub     r6, r5, r0
        lsr     r6, r6, #3
        ldr     r6, [r0, r6, lsl #2]    @ pivot
1:      ldr     r12, [r2]
        cmp     r12, r6
        addlo   r2, r2, #4
        blo     1b
2:      ldr     r4, [r3]
        cmp     r4, r6
        subhi   r3, r3, #4
        bhi     2b
        cmp     r2, r3
        bhi     3f
        str     r4, [r2], #4
        str     r12, [r3], #-4
        cmp     r2, r3
        bls     1b
3:      mov     r4, r2
        mov     r1, r3
        bl      sort
        mov     r0, r4
        cmp     r0, r5
        blo     again
        pop     {r4, r5, r6, pc}
        .size   sort, . - sort

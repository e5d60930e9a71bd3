@ Product of two 32 x 32 matrices of 32-bit numbers, as in c/matrix.c.

        .text
        .equ    SIZE, 32
        .equ    FACTOR, 1103515245      @ of the generator that makes the data
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, r7, r8, r9, r10, lr}
        ldr     r6, =FACTOR
        ldr     r5, =12345
        mov     r4, r0
        mov     r1, #1
        mov     r3, #2 * SIZE * SIZE
1:      mla     r1, r1, r6, r5
        lsr     r2, r1, #16
        str     r2, [r4], #4
        subs    r3, r3, #1
        bne     1b

        add     r10, r0, #4 * SIZE * SIZE       @ the second matrix
        mov     r12, #0                 @ the result
        mov     r9, #SIZE               @ rows left
row:    mov     r8, #0                  @ column
column: add     r7, r10, r8, lsl #2
        mov     r6, r0
        mov     r5, #0
        mov     r4, #SIZE
2:      ldr     r1, [r6], #4
        ldr     r2, [r7], #4 * SIZE
        mla     r5, r1, r2, r5
        subs    r4, r4, #1
        bne     2b
        eor     r12, r12, r5
        add     r8, r8, #1
        cmp     r8, #SIZE
        blo     column
        add     r0, r0, #4 * SIZE
        subs    r9, r9, #1
        bne     row
        mov     r0, r12
        pop     {r4, r5, r6, r7, r8, r9, r10, pc}
        .size   kernel, . - kernel
        .ltorg

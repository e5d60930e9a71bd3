@ Walks a ring of 4096 nodes of 16 bytes, laid out in a shuffled order, eight times; as in c/list.c.

        .text
        .equ    NODES, 4096
        .equ    WALKS, 8
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =2654435761
        ldr     r5, =1229
        mov     r1, #0
        mov     r4, r0
1:      mul     r2, r1, r5
        add     r2, r2, #1
        ubfx    r2, r2, #0, #12
        mul     r3, r1, r6
        str     r2, [r4], #4            @ the next node
        str     r3, [r4], #12           @ the value
        add     r1, r1, #1
        cmp     r1, #NODES
        blo     1b

        mov     r1, #WALKS * NODES
        mov     r2, #0
        mov     r4, r0
2:      ldr     r3, [r4, #4]
        ldr     r4, [r4]
        add     r2, r3, r2, ror #31
        add     r4, r0, r4, lsl #4
        subs    r1, r1, #1
        bne     2b
        mov     r0, r2
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

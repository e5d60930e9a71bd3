@ A binary tree of calls and returns, twelve deep; as in c/calls.c.

        .text
        .equ    DEPTH, 12
        .global kernel
        .type   kernel, %function
kernel:
        mov     r0, #DEPTH
        mov     r1, #1

@ tree(r0 = depth, r1 = x)
tree:
        cmp     r0, #0
        addeq   r0, r1, r1, lsl #1
        addeq   r0, r0, #1
        bxeq    lr
        push    {r4, r5, r6, lr}
        mov     r4, r0
        mov     r5, r1
        add     r1, r1, r0
        sub     r0, r0, #1
        bl      tree
        eor     r1, r5, r0
        mov     r5, r0
        sub     r0, r4, #1
        bl      tree
        eor     r0, r5, r0, ror #31
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel

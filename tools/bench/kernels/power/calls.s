# A binary tree of calls and returns, twelve deep; as in c/calls.c.

        .text
        .equ    DEPTH, 12
        .global kernel
        .type   kernel, @function
kernel:
        li      r3, DEPTH
        li      r4, 1

# tree(r3 = depth, r4 = x)
tree:
        cmpwi   r3, 0
        bne     1f
        mulli   r3, r4, 3
        addi    r3, r3, 1
        blr
1:      mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        std     r30, 48(r1)
        std     r31, 56(r1)
        mr      r30, r3
        mr      r31, r4
        add     r4, r4, r3
        addi    r3, r3, -1
        bl      tree
        xor     r4, r31, r3
        mr      r31, r3
        addi    r3, r30, -1
        bl      tree
        rotlwi  r3, r3, 1
        xor     r3, r3, r31
        ld      r30, 48(r1)
        ld      r31, 56(r1)
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   kernel, . - kernel

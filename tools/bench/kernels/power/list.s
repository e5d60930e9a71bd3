# Walks a ring of 4096 nodes of 16 bytes, laid out in a shuffled order, eight times; as in c/list.c.

        .text
        .equ    NODES, 4096
        .equ    WALKS, 8
        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, 2654435761@h
        ori     r9, r9, 2654435761@l
        li      r0, NODES
        mtctr   r0
        li      r4, 0
        addi    r7, r3, -16
1:      mulli   r5, r4, 1229
        addi    r5, r5, 1
        clrlwi  r5, r5, 20
        stwu    r5, 16(r7)              # the next node
        mullw   r5, r4, r9
        stw     r5, 4(r7)               # the value
        addi    r4, r4, 1
        bdnz    1b

        lis     r0, (WALKS * NODES)@h
        ori     r0, r0, (WALKS * NODES)@l
        mtctr   r0
        li      r5, 0
        mr      r4, r3
2:      lwz     r6, 4(r4)
        lwz     r4, 0(r4)
        rotlwi  r5, r5, 1
        add     r5, r5, r6
        sldi    r4, r4, 4
        add     r4, r3, r4
        bdnz    2b
        mr      r3, r5
        blr
        .size   kernel, . - kernel

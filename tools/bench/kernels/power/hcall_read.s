# 1000 times H_READ of one entry of the hashed page table, which is entered first.

        .text
        .equ    CALLS, 1000
        .equ    INDEX, 0x918                    # group 0x123, its first entry
        .equ    FIRST, 0x123001                 # virtual segment 0x123, page 0, valid
        .equ    SECOND, 0x200012                # real page 0x200000, memory coherent, read and write
        .global kernel
        .type   kernel, @function
kernel:
        std     r30, -8(r1)
        std     r31, -16(r1)
        # In later runs the place is taken already, which is as good.
        li      r3, H_ENTER
        lis     r4, H_EXACT@h
        ori     r4, r4, H_EXACT@l
        li      r5, INDEX
        lis     r6, FIRST@h
        ori     r6, r6, FIRST@l
        lis     r7, SECOND@h
        ori     r7, r7, SECOND@l
        sc      1

        li      r30, CALLS
        li      r31, 0
1:      li      r3, H_READ
        li      r4, 0
        li      r5, INDEX
        sc      1
        rotlwi  r31, r31, 1
        add     r31, r31, r3
        add     r31, r31, r5
        addic.  r30, r30, -1
        bne     1b
        mr      r3, r31
        ld      r30, -8(r1)
        ld      r31, -16(r1)
        blr
        .size   kernel, . - kernel

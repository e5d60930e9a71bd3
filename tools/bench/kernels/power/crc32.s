# CRC-32 of 16 KiB by a table, as in c/crc32.c.

        .text
        .equ    LENGTH, 16384
        .equ    POLYNOMIAL, 0xEDB88320
        .equ    FACTOR, 1103515245      # of the generator that makes the data
        .global kernel
        .type   kernel, @function
kernel:
        # The table: 256 words at r3.
        lis     r10, POLYNOMIAL@h
        ori     r10, r10, POLYNOMIAL@l
        li      r4, 0
1:      mr      r5, r4
        li      r0, 8
        mtctr   r0
2:      andi.   r6, r5, 1
        srwi    r5, r5, 1
        beq     3f
        xor     r5, r5, r10
3:      bdnz    2b
        sldi    r6, r4, 2
        stwx    r5, r3, r6
        addi    r4, r4, 1
        cmpwi   r4, 256
        blt     1b

        # The data: bytes behind it.
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, LENGTH
        mtctr   r0
        li      r5, 1
        addi    r7, r3, 1023
4:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        srwi    r6, r5, 16
        stbu    r6, 1(r7)
        bdnz    4b

        mtctr   r0
        li      r5, -1
        addi    r7, r3, 1023
5:      lbzu    r6, 1(r7)
        xor     r6, r6, r5
        rlwinm  r6, r6, 2, 22, 29
        lwzx    r6, r3, r6
        srwi    r5, r5, 8
        xor     r5, r5, r6
        bdnz    5b
        not     r3, r5
        blr
        .size   kernel, . - kernel

# 20,000 distinct blocks of code, each run 50 times, none of them hot.
#
# The first run only makes the code: a template, again and again, with numbers of its own in each copy.

        .text
        .equ    BLOCKS, 20000
        .equ    PASSES, 50
        .equ    LINE, 128                       # of the caches
        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, made@ha
        lwz     r4, made@l(r9)
        lis     r7, code@ha
        addi    r7, r7, code@l
        cmpwi   r4, 0
        beq     make

        mflr    r0
        std     r0, 16(r1)
        mr      r5, r3                          # the arena
        mr      r12, r7
        li      r8, PASSES
        li      r3, 0
        li      r4, 0
1:      mtctr   r12
        bctrl
        addic.  r8, r8, -1
        bne     1b
        xor     r3, r3, r4
        ld      r0, 16(r1)
        mtlr    r0
        blr

make:   li      r3, 1
        stw     r3, made@l(r9)
        lis     r6, template@ha
        addi    r6, r6, template@l
        mr      r12, r7
        addi    r7, r7, -4
        lis     r0, BLOCKS@h
        ori     r0, r0, BLOCKS@l
        mtctr   r0
        li      r8, 0                           # number of the block
2:      clrlwi  r9, r8, 24                      # its addend
        rlwinm  r10, r8, 2, 20, 29              # its place in the arena
        lwz     r3, 0(r6)
        or      r3, r3, r9
        stwu    r3, 4(r7)
        lwz     r3, 4(r6)
        stwu    r3, 4(r7)
        lwz     r3, 8(r6)
        stwu    r3, 4(r7)
        lwz     r3, 12(r6)
        or      r3, r3, r10
        stwu    r3, 4(r7)
        lwz     r3, 16(r6)
        or      r3, r3, r10
        stwu    r3, 4(r7)
        lwz     r3, 20(r6)
        stwu    r3, 4(r7)
        lwz     r3, 24(r6)
        stwu    r3, 4(r7)
        lwz     r3, 28(r6)
        stwu    r3, 4(r7)
        lwz     r3, 32(r6)
        stwu    r3, 4(r7)
        addi    r8, r8, 1
        bdnz    2b
        lwz     r3, 36(r6)
        stwu    r3, 4(r7)

3:      dcbst   0, r12
        sync
        icbi    0, r12
        addi    r12, r12, LINE
        cmpld   r12, r7
        ble     3b
        sync
        isync
        li      r3, 0
        blr
        .size   kernel, . - kernel

template:
        addi    r3, r3, 0
        rotlwi  r3, r3, 5
        xor     r4, r4, r3
        stw     r4, 0(r5)
        lwz     r6, 0(r5)
        add     r3, r3, r6
        cmpwi   r6, 0
        bne     . + 8
        addi    r3, r3, 1
        blr

        .data
        .balign 4
made:   .4byte  0

        .bss
        .balign LINE
code:   .skip   36 * BLOCKS + LINE

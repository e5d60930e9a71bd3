# SHA-256 (FIPS 180-4) over 64 blocks without the final padding, as in c/sha256.c.
#
# The words of the schedule stand at the arena's beginning, the state behind them. a..h live in r14..r21.

        .text
        .equ    BLOCKS, 64
        .equ    STATE, 256
        .equ    FACTOR, 1103515245      # of the generator that makes the data

        # three D, X, A, B, C: D = X rotated right by A ^ by B ^ by C; uses r0.
        .macro  three d, x, a, b, c
        rotlwi  \d, \x, 32 - \a
        rotlwi  r0, \x, 32 - \b
        xor     \d, \d, r0
        rotlwi  r0, \x, 32 - \c
        xor     \d, \d, r0
        .endm

        # two D, X, A, B, C: D = X rotated right by A ^ by B ^ shifted right by C; uses r0.
        .macro  two d, x, a, b, c
        rotlwi  \d, \x, 32 - \a
        rotlwi  r0, \x, 32 - \b
        xor     \d, \d, r0
        srwi    r0, \x, \c
        xor     \d, \d, r0
        .endm

        .global kernel
        .type   kernel, @function
kernel:
        stdu    r1, -208(r1)
        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21, 22
        std     r\n, 8 * (\n - 8)(r1)
        .endr

        lis     r4, start@ha
        addi    r4, r4, start@l
        li      r5, STATE
1:      lwz     r6, 0(r4)
        stwx    r6, r3, r5
        addi    r4, r4, 4
        addi    r5, r5, 4
        cmpwi   r5, STATE + 32
        blt     1b

        lis     r12, constants@ha
        addi    r12, r12, constants@l
        li      r5, 1                   # of the generator
        li      r22, BLOCKS
block:
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, 16
        mtctr   r0
        addi    r7, r3, -4
2:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        stwu    r5, 4(r7)
        bdnz    2b
        li      r0, 48
        mtctr   r0
3:      lwz     r6, -56(r7)             # w[t - 15]
        two     r8, r6, 7, 18, 3
        lwz     r6, -4(r7)              # w[t - 2]
        two     r10, r6, 17, 19, 10
        add     r8, r8, r10
        lwz     r6, -60(r7)             # w[t - 16]
        add     r8, r8, r6
        lwz     r6, -24(r7)             # w[t - 7]
        add     r8, r8, r6
        stwu    r8, 4(r7)
        bdnz    3b

        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21
        lwz     r\n, STATE + 4 * (\n - 14)(r3)
        .endr
        li      r0, 64
        mtctr   r0
        addi    r7, r3, -4
        addi    r4, r12, -4
4:      three   r6, r18, 6, 11, 25
        xor     r8, r19, r20
        and     r8, r8, r18
        xor     r8, r8, r20
        add     r6, r6, r8
        add     r6, r6, r21
        lwzu    r8, 4(r4)
        add     r6, r6, r8
        lwzu    r8, 4(r7)
        add     r6, r6, r8              # t1
        three   r8, r14, 2, 13, 22
        and     r9, r14, r15
        or      r10, r14, r15
        and     r10, r10, r16
        or      r9, r9, r10
        add     r8, r8, r9              # t2
        mr      r21, r20
        mr      r20, r19
        mr      r19, r18
        add     r18, r17, r6
        mr      r17, r16
        mr      r16, r15
        mr      r15, r14
        add     r14, r6, r8
        bdnz    4b
        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21
        lwz     r0, STATE + 4 * (\n - 14)(r3)
        add     r0, r0, r\n
        stw     r0, STATE + 4 * (\n - 14)(r3)
        .endr
        addic.  r22, r22, -1
        bne     block

        li      r5, 0
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        lwz     r0, STATE + 4 * \n(r3)
        xor     r5, r5, r0
        .endr
        mr      r3, r5
        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21, 22
        ld      r\n, 8 * (\n - 8)(r1)
        .endr
        addi    r1, r1, 208
        blr
        .size   kernel, . - kernel

        .section .rodata, "a"
        .balign 4
constants:
        .4byte  0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5
        .4byte  0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174
        .4byte  0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA
        .4byte  0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967
        .4byte  0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85
        .4byte  0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070
        .4byte  0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3
        .4byte  0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2
start:
        .4byte  0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19

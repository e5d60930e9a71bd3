@ SHA-256 (FIPS 180-4) over 64 blocks without the final padding, as in c/sha256.c.
@
@ The words of the schedule stand at the arena's beginning, the state behind them. a..h live in r1..r8; the arena, the
@ constants and the counters are on the stack, as no registers are left.

        .text
        .equ    BLOCKS, 64
        .equ    STATE, 256
        .equ    FACTOR, 1103515245      @ of the generator that makes the data
        .equ    ARENA, 0                @ places on the stack
        .equ    BLOCK, 4
        .equ    NUMBER, 8

        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, r7, r8, r9, r10, r11, lr}
        sub     sp, sp, #12
        str     r0, [sp, #ARENA]
        ldr     r1, =start
        add     r2, r0, #STATE
        mov     r3, #8
1:      ldr     r4, [r1], #4
        str     r4, [r2], #4
        subs    r3, r3, #1
        bne     1b
        mov     r1, #BLOCKS
        str     r1, [sp, #BLOCK]
        mov     r1, #1
        str     r1, [sp, #NUMBER]
block:
        ldr     r0, [sp, #ARENA]
        ldr     r1, [sp, #NUMBER]
        ldr     r5, =FACTOR
        ldr     r6, =12345
        mov     r3, #16
2:      mla     r1, r1, r5, r6
        str     r1, [r0], #4
        subs    r3, r3, #1
        bne     2b
        str     r1, [sp, #NUMBER]
        mov     r3, #48
3:      ldr     r1, [r0, #-60]          @ w[t - 15]
        ror     r2, r1, #7
        eor     r2, r2, r1, ror #18
        eor     r2, r2, r1, lsr #3
        ldr     r1, [r0, #-8]           @ w[t - 2]
        ror     r4, r1, #17
        eor     r4, r4, r1, ror #19
        eor     r4, r4, r1, lsr #10
        add     r2, r2, r4
        ldr     r1, [r0, #-64]          @ w[t - 16]
        add     r2, r2, r1
        ldr     r1, [r0, #-28]          @ w[t - 7]
        add     r2, r2, r1
        str     r2, [r0], #4
        subs    r3, r3, #1
        bne     3b

        ldm     r0, {r1, r2, r3, r4, r5, r6, r7, r8}
        ldr     r11, =constants
        sub     r12, r0, #STATE
        @ 64 rounds; r0 keeps the address of the state, at which the schedule ends.
4:      ror     r9, r5, #6
        eor     r9, r9, r5, ror #11
        eor     r9, r9, r5, ror #25
        add     r9, r9, r8
        eor     r10, r6, r7
        and     r10, r10, r5
        eor     r10, r10, r7
        add     r9, r9, r10
        ldr     r10, [r11], #4
        add     r9, r9, r10
        ldr     r10, [r12], #4
        add     r9, r9, r10             @ t1
        mov     r8, r7
        mov     r7, r6
        mov     r6, r5
        add     r5, r4, r9
        ror     r10, r1, #2
        eor     r10, r10, r1, ror #13
        eor     r10, r10, r1, ror #22
        add     r9, r9, r10
        orr     r10, r1, r2
        and     r10, r10, r3
        and     lr, r1, r2
        orr     r10, r10, lr
        mov     r4, r3
        mov     r3, r2
        mov     r2, r1
        add     r1, r9, r10
        cmp     r12, r0
        bne     4b

        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8
        ldr     r9, [r0]
        add     r9, r9, r\n
        str     r9, [r0], #4
        .endr
        ldr     r1, [sp, #BLOCK]
        subs    r1, r1, #1
        str     r1, [sp, #BLOCK]
        bne     block

        mov     r1, #0
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8
        ldr     r9, [r0, #-4]!
        eor     r1, r1, r9
        .endr
        mov     r0, r1
        add     sp, sp, #12
        pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}
        .size   kernel, . - kernel
        .ltorg

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

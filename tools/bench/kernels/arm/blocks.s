@ 20,000 distinct blocks of code, each run 50 times, none of them hot.
@
@ The first run only makes the code: a template, again and again, with numbers of its own in each copy.

        .text
        .equ    BLOCKS, 20000
        .equ    PASSES, 50
        .equ    LINE, 64                        @ of the caches
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, r7, r8, r9, r10, r11, lr}
        ldr     r4, =made
        ldr     r1, [r4]
        cmp     r1, #0
        beq     make

        mov     r2, r0                          @ the arena
        ldr     r6, =code
        mov     r5, #PASSES
        mov     r0, #0
        mov     r1, #0
1:      blx     r6
        subs    r5, r5, #1
        bne     1b
        eor     r0, r0, r1
        pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}

make:   mov     r1, #1
        str     r1, [r4]
        ldr     r4, =code
        ldr     r5, =BLOCKS
        mov     r6, #0                          @ number of the block
2:      ldr     r3, =template
        ldm     r3!, {r7, r8, r9, r10, r11}
        and     r2, r6, #255
        orr     r7, r7, r2                      @ its addend
        ubfx    r2, r6, #0, #10
        orr     r10, r10, r2, lsl #2            @ its place in the arena
        orr     r11, r11, r2, lsl #2
        stm     r4!, {r7, r8, r9, r10, r11}
        ldm     r3!, {r7, r8, r9, r10}
        stm     r4!, {r7, r8, r9, r10}
        add     r6, r6, #1
        cmp     r6, r5
        blo     2b
        ldr     r7, [r3]
        str     r7, [r4]

        ldr     r5, =code
3:      mcr     p15, 0, r5, c7, c11, 1          @ DCCMVAU
        add     r5, r5, #LINE
        cmp     r5, r4
        bls     3b
        dsb
        mov     r0, #0
        mcr     p15, 0, r0, c7, c5, 0           @ ICIALLU
        dsb
        isb
        pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}
        .size   kernel, . - kernel
        .ltorg

template:
        add     r0, r0, #0
        ror     r0, r0, #27
        eor     r1, r1, r0
        str     r1, [r2, #0]
        ldr     r3, [r2, #0]
        add     r0, r0, r3
        cmp     r3, #0
        bne     . + 8
        add     r0, r0, #1
        bx      lr

        .data
        .balign 4
made:   .4byte  0

        .bss
        .balign LINE
code:   .skip   36 * BLOCKS + LINE

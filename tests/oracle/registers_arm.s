@ Which accesses to coprocessors 14 and 15 a processor takes for defined, in Hyp mode of the `virt` board: every number is tried.
@
@ A line on the PL011 for each: R, W or P (a pair), the instruction's word, the value read. A write of 0 is tried where a read is
@ undefined. The instruction is made in `slot`; an undefined instruction comes to `undefined`, which skips it and says so in r9.
        .text
        .equ    UART0, 0x09000000
        .global _start
_start:
        ldr     sp, =stack
        ldr     r0, =vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        mov     r6, #0xE00                      @ coprocessor 14, then 15
singles:
        mov     r5, #0                          @ opc1:3 CRn:4 CRm:4 opc2:3
1:      ldr     r4, =0xEE100010
        orr     r4, r4, r6
        ubfx    r0, r5, #11, #3
        orr     r4, r4, r0, lsl #21
        ubfx    r0, r5, #7, #4
        orr     r4, r4, r0, lsl #16
        ubfx    r0, r5, #3, #4
        orr     r4, r4, r0
        and     r0, r5, #7
        orr     r4, r4, r0, lsl #5
        mov     r7, #'R'
        bl      try
        cmp     r9, #0
        beq     2f
        bic     r4, r4, #1 << 20
        mov     r7, #'W'
        bl      try
2:      add     r5, r5, #1
        cmp     r5, #1 << 14
        bne     1b
        mov     r5, #0                          @ opc1:4 CRm:4
3:      ldr     r4, =0xEC510000
        orr     r4, r4, r6
        orr     r4, r4, r5
        mov     r7, #'P'
        bl      try
        add     r5, r5, #1
        cmp     r5, #1 << 8
        bne     3b
        add     r6, r6, #0x100
        cmp     r6, #0x1000
        bne     singles
        ldr     r0, =0x84000008
        smc     #0
        b       .

@ try(r4 = word, r7 = letter): r9 = 0 and a line, or 1 where it is undefined
try:
        push    {r5, r6, lr}
        ldr     r0, =slot
        str     r4, [r0]
        mcr     p15, 0, r0, c7, c11, 1          @ DCCMVAU
        dsb     sy
        mcr     p15, 0, r0, c7, c5, 1           @ ICIMVAU
        dsb     sy
        isb     sy
        mov     r9, #0
        mov     r0, #0
        mov     r1, #0
        bl      slot
        mov     r8, r0
        cmp     r9, #0
        bne     4f
        mov     r0, r7
        bl      putc
        mov     r0, r4
        bl      put_word
        mov     r0, r8
        bl      put_word
        mov     r0, #10
        bl      putc
4:      pop     {r5, r6, pc}

put_word:
        push    {r5, lr}
        mov     r5, #32
        mov     r3, r0
        mov     r0, #' '
        bl      putc
5:      sub     r5, r5, #4
        lsr     r0, r3, r5
        and     r0, r0, #15
        cmp     r0, #10
        addlo   r0, r0, #'0'
        addhs   r0, r0, #'A' - 10
        bl      putc
        cmp     r5, #0
        bne     5b
        pop     {r5, pc}
putc:   ldr     r2, =UART0
        str     r0, [r2]
        bx      lr
        .ltorg

undefined:
        mov     r9, #1
        mrs     r10, ELR_hyp
        add     r10, r10, #4
        msr     ELR_hyp, r10
        eret

        .align  5
vectors:
        b       .
        b       undefined
        b       .
        b       .
        b       undefined
        b       undefined
        b       .
        b       .
        .align  6
slot:   nop
        bx      lr
        .bss
        .align 3
        .space  256
stack:

@ What the attempts of debug_events_arm.s share: the end of an attempt, exception handlers that tell what came, printing.
        .text
        .equ    UART0, 0x09000000
        .global off, print, print_number, vectors, hyp_vectors

@ off: no breakpoint, no watchpoint; the end of the line
off:    push    {lr}
        mov     r0, #0
        mcr     p14, 0, r0, c0, c0, 5
        mcr     p14, 0, r0, c0, c1, 5
        mcr     p14, 0, r0, c0, c2, 5
        mcr     p14, 0, r0, c0, c4, 5
        mcr     p14, 0, r0, c0, c5, 5
        mcr     p14, 0, r0, c0, c1, 7
        mcr     p14, 0, r0, c0, c7, 0
        mcr     p14, 0, r0, c0, c2, 2
        isb     sy
        cmp     r9, #0
        ldreq   r0, =nothing
        bleq    print
        pop     {pc}

@ r0 = letter, r1 = status, r2 = distance
say:    push    {r4, r5, lr}
        mov     r4, r1
        mov     r5, r2
        mov     r9, #1
        bl      putc
        mov     r0, #' '
        bl      putc
        mov     r0, r4
        bl      put_word
        mov     r0, r5
        bl      put_word
        mrc     p14, 0, r0, c0, c1, 0
        ubfx    r0, r0, #2, #4
        bl      print_number
        pop     {r4, r5, pc}

undefined:
        mov     r0, #'U'
        bl      putc
        b       .
prefetch:
        push    {r0, r1, r2, r3, r12, lr}
        mrc     p15, 0, r1, c5, c0, 1           @ IFSR
        ldr     r2, =here
        sub     r2, lr, r2
        sub     r2, r2, #4
        mov     r0, #'P'
        bl      say
        @ Behind a BKPT, and to the caller from User mode; else the instruction again.
        mrs     r0, SPSR
        and     r0, r0, #0x1F
        cmp     r0, #0x10
        beq     from_user
        mrc     p14, 0, r0, c0, c1, 0
        and     r0, r0, #0x3C
        bl      quiet
        ldr     r1, [sp, #20]
        sub     r1, r1, #4
        mrs     r0, SPSR
        tst     r0, #0x20
        bne     1f
        ldr     r2, [r1]
        ldr     r3, =0xE1200071
        cmp     r2, r3
        addeq   r1, r1, #4
1:      str     r1, [sp, #20]
        pop     {r0, r1, r2, r3, r12, lr}
        movs    pc, lr
from_user:
        bl      quiet
        add     sp, sp, #24
        ldr     lr, =back
        mov     r0, #0xD3
        msr     SPSR_cxsf, r0
        movs    pc, lr
data:
        push    {r0, r1, r2, r3, r12, lr}
        mrc     p15, 0, r1, c5, c0, 0           @ DFSR
        mrc     p15, 0, r2, c6, c0, 0           @ DFAR
        ldr     r0, =cell
        sub     r2, r2, r0
        mov     r0, #'D'
        bl      say
        bl      quiet
        pop     {r0, r1, r2, r3, r12, lr}
        subs    pc, lr, #8
supervisor:
        movs    pc, lr

quiet:  mov     r0, #0
        mcr     p14, 0, r0, c0, c2, 2
        isb     sy
        bx      lr

@ A call says what HDCR is; all else is a debug event.
hyp_trap:
        push    {r0, r1, r2, r3, r12, lr}
        mrc     p15, 4, r1, c5, c2, 0           @ HSR
        lsr     r2, r1, #26
        cmp     r2, #0x12
        bne     1f
        mrc     p15, 4, r1, c1, c1, 1
        bic     r1, r1, #0xF00
        orr     r1, r1, r0
        mcr     p15, 4, r1, c1, c1, 1           @ HDCR
        pop     {r0, r1, r2, r3, r12, lr}
        eret
1:      mrs     r2, ELR_hyp
        ldr     r0, =here
        sub     r2, r2, r0
        cmp     r2, #4096
        movhs   r2, #0
        mov     r0, #'H'
        bl      say
        bl      quiet
        pop     {r0, r1, r2, r3, r12, lr}
        eret

print_number:
        push    {lr}
        bl      put_word
        mov     r0, #10
        bl      putc
        pop     {pc}
print:  push    {r4, lr}
        mov     r4, r0
1:      ldrb    r0, [r4], #1
        cmp     r0, #0
        beq     2f
        bl      putc
        b       1b
2:      pop     {r4, pc}
put_word:
        push    {r5, r6, lr}
        mov     r6, r0
        mov     r5, #28
1:      lsr     r0, r6, r5
        and     r0, r0, #15
        add     r0, r0, #'0'
        cmp     r0, #'9'
        addhi   r0, r0, #'a' - '9' - 1
        bl      putc
        subs    r5, r5, #4
        bpl     1b
        mov     r0, #' '
        bl      putc
        pop     {r5, r6, pc}
putc:   push    {r1, r2}
        ldr     r1, =UART0
1:      ldr     r2, [r1, #0x18]
        tst     r2, #0x20
        bne     1b
        str     r0, [r1]
        pop     {r1, r2}
        bx      lr
        .ltorg

        .balign 32
vectors:
        b       .
        b       undefined
        b       supervisor
        b       prefetch
        b       data
        b       .
        b       .
        b       .
        .balign 32
hyp_vectors:
        b       .
        b       undefined
        b       .
        b       undefined
        b       undefined
        b       hyp_trap
        b       .
        b       .

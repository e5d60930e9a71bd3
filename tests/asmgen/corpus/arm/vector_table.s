@ A vector table and world switch in the manner of a monitor.
        .syntax unified
        .arm
        .macro  save_banked mode
        mrs     r2, sp_\mode
        mrs     r3, lr_\mode
        mrs     r4, spsr_\mode
        stmia   r0!, {r2-r4}
        .endm
        .macro  cp15 op, crn, op1, crm, op2, reg
        \op     p15, \op1, \reg, \crn, \crm, \op2
        .endm
        .section .vectors, "ax"
        .balign 32
        .globl  vectors
vectors:
        b       reset
        b       undefined
        b       supervisor
        ldr     pc, prefetch_address
        ldr     pc, [pc, #24]
        nop
        b       irq
        b       .
prefetch_address: .word prefetch
        .text
reset:  cpsid   aif
        save_banked svc
        save_banked irq
        save_banked abt
        cp15    mrc, c1, 0, c0, 0, r1
        bic     r1, r1, #(1 << 2) | (1 << 3)
        cp15    mcr, c1, 0, c0, 0, r1
        mrc     p15, 4, r0, c1, c1, 0
        mcrr    p15, 6, r0, r1, c2
        adr     r0, irq
        adrl    r0, reset
        eret
undefined: movs pc, lr
supervisor: subs pc, lr, #0
prefetch: subs  pc, lr, #4
irq:    ldmfd   sp!, {r0-r12, pc}^
vectors_end:
        .align  5
        .word   vectors_end - reset

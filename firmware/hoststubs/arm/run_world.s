@ A host that runs the guest which it is linked with, from `guest_entry` to its end.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif
        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, lr}
        ldr     r0, =vcpu
        ldr     r1, =guest_entry
        bl      reset_vcpu
        ldr     r0, =after_exit
        ldr     r1, =spoil
        str     r1, [r0]
        ldr     r0, =vcpu
        bl      run_vcpu
        pop     {r4, pc}
        .size   host_test, . - host_test
        .ltorg

@ spoil(): the host uses all registers that a guest has, too. What the world switch forgets, the guest misses.
        .type   spoil, %function
spoil:
        ldr     r0, =0x5A5A0001
        msr     SP_usr, r0
        msr     LR_usr, r0
        msr     SP_abt, r0
        msr     LR_abt, r0
        msr     SPSR_abt, r0
        msr     SP_und, r0
        msr     LR_und, r0
        msr     SPSR_und, r0
        msr     SP_irq, r0
        msr     LR_irq, r0
        msr     SPSR_irq, r0
        msr     R8_fiq, r0
        msr     R9_fiq, r0
        msr     R10_fiq, r0
        msr     R11_fiq, r0
        msr     R12_fiq, r0
        msr     SP_fiq, r0
        msr     LR_fiq, r0
        msr     SPSR_fiq, r0
        msr     SPSR_cxsf, r0
        mov     r1, r0
        mcrr    p15, 1, r0, r1, c2              @ TTBR1
        mcrr    p15, 0, r0, r1, c7              @ PAR
        mcr     p15, 0, r0, c3, c0, 0           @ DACR
        mcr     p15, 0, r0, c5, c0, 0           @ DFSR
        mcr     p15, 0, r0, c5, c0, 1           @ IFSR
        mcr     p15, 0, r0, c6, c0, 0           @ DFAR
        mcr     p15, 0, r0, c6, c0, 2           @ IFAR
        mcr     p15, 0, r0, c10, c2, 0          @ PRRR
        mcr     p15, 0, r0, c10, c2, 1          @ NMRR
        mcr     p15, 0, r0, c13, c0, 1          @ CONTEXTIDR
        mcr     p15, 0, r0, c13, c0, 2          @ TPIDRURW
        mcr     p15, 0, r0, c13, c0, 3          @ TPIDRURO
        mcr     p15, 0, r0, c13, c0, 4          @ TPIDRPRW
        mov     r2, #0
        mcr     p15, 2, r2, c0, c0, 0           @ CSSELR
        mcr     p15, 0, r2, c14, c1, 0          @ CNTKCTL
        vmov    d0, r0, r1
        vmov    d31, r0, r1
        vmsr    fpscr, r2
        bx      lr
        .size   spoil, . - spoil
        .ltorg

        .section .rodata, "a"
        .balign 4
        .global slots
slots:  .word   0x40200000, 0x00400000, 0x40200000, 0
        .word   0x50000000, 0x00002000, 0x40800000, 0
        .word   0x50010000, 0x00001000, 0x40810000, 1
        .word   0, 0, 0, 0

@ A host that uses all registers which a guest has, between two runs. Part of a program with host.s.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

@ spoil(): the host uses all registers that a guest has, too. What the world switch forgets, the guest misses.
        .global spoil
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

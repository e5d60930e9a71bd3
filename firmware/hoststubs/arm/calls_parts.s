@ What run_calls.s calls: functions of Hyp mode, a timer that interrupts the host, and the guests.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif
        .global sum_in_hyp, hyp_udf, hyp_svc, hyp_load, hyp_jump, other_set, arm_timer, end_timer
        .global guest_entry, guest_spins, guest_reads, guest_exclusive, guest_pops

        .equ    NOWHERE, 0x0B000000             @ an address that nothing answers

@ In Hyp mode -----------------------------------------------------------------------------------------------------------------------

        .type   sum_in_hyp, %function
sum_in_hyp:
        add     r0, r0, r1
        add     r0, r0, r2
        mrs     r1, CPSR
        and     r1, r1, #0x1F
        ldr     r2, =seen_mode
        str     r1, [r2]
        mov     r3, #0
        mov     r12, #0
        bx      lr
        .size   sum_in_hyp, . - sum_in_hyp
        .type   hyp_udf, %function
hyp_udf:
        udf     #0
        bx      lr
        .size   hyp_udf, . - hyp_udf
        .type   hyp_svc, %function
hyp_svc:
        svc     #0
        bx      lr
        .size   hyp_svc, . - hyp_svc
        .type   hyp_load, %function
hyp_load:
        ldr     r1, =NOWHERE
        ldr     r1, [r1]
        bx      lr
        .size   hyp_load, . - hyp_load
        .type   hyp_jump, %function
hyp_jump:
        ldr     r1, =NOWHERE | T32
        bx      r1
        .size   hyp_jump, . - hyp_jump
        .ltorg
        .if T32
        .arm
        .else
        .thumb
        .endif
        .type   other_set, %function
other_set:
        add     r0, r0, #1
        bx      lr
        .size   other_set, . - other_set
        .balign 4
        .if T32
        .thumb
        .else
        .arm
        .endif

@ The host's interrupt -----------------------------------------------------------------------------------------------------------------

        .equ    GICD, 0x08000000
        .equ    GICC, 0x08010000

@ arm_timer(): the physical timer fires soon, and its PPI reaches this processor.
        .type   arm_timer, %function
arm_timer:
        ldr     r0, =GICD
        mov     r1, #1
        str     r1, [r0]                        @ CTLR
        ldr     r1, =1 << 30
        str     r1, [r0, #0x100]                @ ISENABLER0
        ldr     r0, =GICC
        mov     r1, #0xF0
        str     r1, [r0, #4]                    @ PMR
        mov     r1, #1
        str     r1, [r0]                        @ CTLR
        movw    r1, #2000
        mcr     p15, 0, r1, c14, c2, 0          @ CNTP_TVAL
        mov     r1, #1
        mcr     p15, 0, r1, c14, c2, 1          @ CNTP_CTL
        isb     sy
        bx      lr
        .size   arm_timer, . - arm_timer

@ end_timer() -> r0 = the interrupt that was acknowledged.
        .type   end_timer, %function
end_timer:
        ldr     r1, =GICC
        ldr     r0, [r1, #0xC]                  @ IAR, while the timer still asks
        mov     r2, #0
        mcr     p15, 0, r2, c14, c2, 1
        isb     sy
        str     r0, [r1, #0x10]                 @ EOIR
        bx      lr
        .size   end_timer, . - end_timer
        .ltorg

@ Guests -------------------------------------------------------------------------------------------------------------------------------

        .section .guest, "ax"
        .place  .guest, 0x40200000
        .if T32
        .thumb
        .endif
        .type   guest_entry, %function
guest_entry:
        @ VFP, twice with an exit in between; every banked register; MPIDR in r8.
        mrc     p15, 0, r4, c1, c0, 2
        orr     r4, r4, #0xF << 20
        mcr     p15, 0, r4, c1, c0, 2
        isb     sy
        mov     r4, #1 << 30
        vmsr    fpexc, r4
        ldr     r4, =0xEEEE
        vmov    d7, r4, r4
        ldr     r0, =PSCI_VERSION
        hvc     #0
        vmov    d30, r4, r4
        msr     SP_usr, r4
        msr     SP_irq, r4
        msr     LR_abt, r4
        msr     R8_fiq, r4
        msr     SPSR_und, r4
        ldr     r5, =0xEEEF
        mcr     p15, 0, r5, c13, c0, 4
        mov     sp, r4
        mov     lr, r4
        mov     r6, r4
        mov     r11, r4
        mrc     p15, 0, r8, c0, c0, 5
guest_off:
        ldr     r0, =PSCI_SYSTEM_OFF
        hvc     #0
        .size   guest_entry, . - guest_entry
        .type   guest_spins, %function
guest_spins:
1:      add     r5, r5, #1
        b       1b
        .size   guest_spins, . - guest_spins
        .type   guest_reads, %function
guest_reads:
        mov     r4, #0x50000000
        ldr     r5, [r4]
        b       guest_off
        .size   guest_reads, . - guest_reads
        .type   guest_exclusive, %function
guest_exclusive:
        ldr     r4, =0x40500000
        strex   r5, r4, [r4]
        ldrex   r6, [r4]
        b       guest_off
        .size   guest_exclusive, . - guest_exclusive
        .type   guest_pops, %function
guest_pops:
        mov     r4, #0x09000000
        ldr     r5, [r4], #4
        b       guest_off
        .size   guest_pops, . - guest_pops
        .ltorg

@ Timer and virtual interrupts of a guest, at entry and exit.
@
@ Linux 3.9, arch/arm/kvm/interrupts_head.S (save_vgic_state, save_timer_state). r0 is the vcpu, r4-r7 are lost.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    GICH, 0x08030000
        .equ    GICH_HCR, 0x00
        .equ    GICH_VMCR, 0x08
        .equ    GICH_MISR, 0x10
        .equ    GICH_EISR, 0x20
        .equ    GICH_ELRSR, 0x30
        .equ    GICH_APR, 0xF0
        .equ    GICH_LR0, 0x100

@ The virtual timer is the guest's alone: it is off while the host runs. The physical one is the host's while the guest runs.
        .global save_timer
        .type   save_timer, %function
save_timer:
        mrc     p15, 0, r4, c14, c3, 1          @ CNTV_CTL
        and     r4, r4, #3
        str     r4, [r0, #VCPU_TIMER_CTL]
        mov     r5, #0
        mcr     p15, 0, r5, c14, c3, 1
        isb     sy
        mrrc    p15, 3, r4, r5, c14             @ CNTV_CVAL
        str     r4, [r0, #VCPU_TIMER_CVAL]
        str     r5, [r0, #VCPU_TIMER_CVAL + 4]
        mov     r4, #0
        mov     r5, #0
        mcrr    p15, 4, r4, r5, c14             @ CNTVOFF
        mrc     p15, 4, r4, c14, c1, 0          @ CNTHCTL: PL1PCEN, PL1PCTEN
        orr     r4, r4, #3
        mcr     p15, 4, r4, c14, c1, 0
        bx      lr
        .size   save_timer, . - save_timer

        .global load_timer
        .type   load_timer, %function
load_timer:
        mrc     p15, 4, r4, c14, c1, 0
        bic     r4, r4, #2                      @ the physical timer traps, the physical counter may be read
        orr     r4, r4, #1
        mcr     p15, 4, r4, c14, c1, 0
        ldr     r4, [r0, #VCPU_CNTVOFF]
        ldr     r5, [r0, #VCPU_CNTVOFF + 4]
        mcrr    p15, 4, r4, r5, c14
        ldr     r4, [r0, #VCPU_TIMER_CVAL]
        ldr     r5, [r0, #VCPU_TIMER_CVAL + 4]
        mcrr    p15, 3, r4, r5, c14
        isb     sy
        ldr     r4, [r0, #VCPU_TIMER_CTL]
        mcr     p15, 0, r4, c14, c3, 1
        bx      lr
        .size   load_timer, . - load_timer

@ The virtual CPU interface: what the guest has done with its interrupts stands in the list registers, and is read at the exit; then
@ the interface is off. A guest that it is not on for (GICH_HCR.EN in its context) costs no access to it: devices are slow.
        .global save_vgic
        .type   save_vgic, %function
save_vgic:
        ldr     r6, [r0, #VCPU_VGIC]
        tst     r6, #1
        beq     2f
        ldr     r4, =GICH
        add     r5, r0, #VCPU_VGIC
        ldr     r6, [r4, #GICH_HCR]
        str     r6, [r5]
        ldr     r6, [r4, #GICH_VMCR]
        str     r6, [r5, #4]
        ldr     r6, [r4, #GICH_MISR]
        str     r6, [r5, #8]
        ldr     r6, [r4, #GICH_EISR]
        str     r6, [r5, #12]
        ldr     r6, [r4, #GICH_ELRSR]
        str     r6, [r5, #16]
        ldr     r6, [r4, #GICH_APR]
        str     r6, [r5, #20]
        mov     r6, #0
        str     r6, [r4, #GICH_HCR]
        add     r4, r4, #GICH_LR0
        add     r5, r5, #24
        mov     r7, #4
1:      ldr     r6, [r4], #4
        str     r6, [r5], #4
        subs    r7, r7, #1
        bne     1b
2:      bx      lr
        .size   save_vgic, . - save_vgic

        .global load_vgic
        .type   load_vgic, %function
load_vgic:
        ldr     r6, [r0, #VCPU_VGIC]
        tst     r6, #1
        beq     2f
        ldr     r4, =GICH
        add     r5, r0, #VCPU_VGIC
        str     r6, [r4, #GICH_HCR]
        ldr     r6, [r5, #4]
        str     r6, [r4, #GICH_VMCR]
        ldr     r6, [r5, #20]
        str     r6, [r4, #GICH_APR]
        add     r4, r4, #GICH_LR0
        add     r5, r5, #24
        mov     r7, #4
1:      ldr     r6, [r5], #4
        str     r6, [r4], #4
        subs    r7, r7, #1
        bne     1b
2:      bx      lr
        .size   load_vgic, . - load_vgic
        .ltorg

@ 1000 times from Hyp mode into a guest behind stage 2 and, with its HVC, back.
@
@ As a hypervisor does it: the guest's core registers, return address and status are stored and loaded, VTTBR and HCR are
@ switched between the guest's and the host's. With VIRTUAL_INTERFACE the virtual interrupts go with them: ten loads and eight
@ stores of GICH, as Linux 3.9 makes them.

        .text
        .equ    SWITCHES, 1000
        .equ    HCR_VM, 1
        .equ    VTCR, 0x80003540                @ 32-bit addresses, first look-up at level 1, write-back walks
        .equ    VMID1, 1 << 16                  @ VTTBR bits 55:48, in its upper word
        .equ    SVC_MASKED, 0x1D3               @ Supervisor mode; A, I and F masked
        .equ    GICH, 0x08030000
        .equ    GICH_HCR, 0x00
        .equ    GICH_VMCR, 0x08
        .equ    GICH_MISR, 0x10
        .equ    GICH_EISR, 0x20
        .equ    GICH_ELRSR, 0x30
        .equ    GICH_APR, 0xF0
        .equ    GICH_LR0, 0x100

        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, r7, r8, r9, r10, r11, lr}
        ldr     r0, =vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        ldr     r0, =VTCR
        mcr     p15, 4, r0, c2, c1, 2

        @ The guest counts in r0 and r1, and begins anew.
        ldr     r0, =vcpu
        mov     r1, #0
        str     r1, [r0]
        str     r1, [r0, #4]
        ldr     r1, =guest
        str     r1, [r0, #vcpu_return - vcpu]
        ldr     r1, =SVC_MASKED
        str     r1, [r0, #vcpu_status - vcpu]
        mov     r11, #SWITCHES

enter:  push    {r11, lr}
        ldr     r2, =stage2
        ldr     r3, =VMID1
        mcrr    p15, 6, r2, r3, c2              @ VTTBR
        mov     r2, #HCR_VM
        mcr     p15, 4, r2, c1, c1, 0           @ HCR
        isb
        .if     VIRTUAL_INTERFACE
        ldr     r0, =GICH
        ldr     r1, =interface
        ldm     r1!, {r2, r3, r4}               @ HCR, VMCR, APR
        str     r2, [r0, #GICH_HCR]
        str     r3, [r0, #GICH_VMCR]
        str     r4, [r0, #GICH_APR]
        add     r0, r0, #GICH_LR0
        mov     r3, #4
1:      ldr     r2, [r1], #4
        str     r2, [r0], #4
        subs    r3, r3, #1
        bne     1b
        .endif
        ldr     r12, =vcpu_return
        ldm     r12, {r2, r3}
        msr     ELR_hyp, r2
        msr     SPSR_cxsf, r3
        ldr     r12, =vcpu
        ldm     r12, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}
        eret

trapped:
        push    {r12}
        ldr     r12, =vcpu
        stm     r12, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11}
        pop     {r1}
        str     r1, [r12, #48]
        mrs     r2, ELR_hyp
        mrs     r3, SPSR
        ldr     r12, =vcpu_return
        stm     r12, {r2, r3}
        mov     r2, #0
        mov     r3, #0
        mcr     p15, 4, r2, c1, c1, 0           @ HCR: nothing of the host's is trapped
        mcrr    p15, 6, r2, r3, c2              @ VTTBR: VMID 0
        isb
        .if     VIRTUAL_INTERFACE
        ldr     r0, =GICH
        ldr     r1, =interface
        ldr     r2, [r0, #GICH_HCR]
        ldr     r3, [r0, #GICH_VMCR]
        ldr     r4, [r0, #GICH_APR]
        stm     r1!, {r2, r3, r4}
        ldr     r2, [r0, #GICH_MISR]            @ what a hypervisor looks at before the next entry
        ldr     r3, [r0, #GICH_EISR]
        ldr     r4, [r0, #GICH_ELRSR]
        mov     r2, #0
        str     r2, [r0, #GICH_HCR]
        add     r0, r0, #GICH_LR0
        mov     r3, #4
1:      ldr     r2, [r0], #4
        str     r2, [r1], #4
        subs    r3, r3, #1
        bne     1b
        .endif
        pop     {r11, lr}
        subs    r11, r11, #1
        bne     enter

        ldr     r0, =vcpu
        ldr     r0, [r0, #4]
        pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}
        .size   kernel, . - kernel

@ In Supervisor mode.
guest:
        add     r0, r0, #1
        add     r1, r0, r1, ror #31
        hvc     #0
        b       guest
        .ltorg

        .balign 32
vectors:
        b       .
        b       .
        b       .
        b       .
        b       .
        b       trapped                         @ 0x14: a trap to Hyp mode, or HVC
        b       .
        b       .

        .data
        .balign 32
@ Stage 2: memory from 0x40000000 on, one block of 1 GiB: valid, all accesses, shareable, write-back, accessed.
stage2: .quad   0, 0x400007FD, 0, 0

interface:
        .word   1, 0xF8 << 24 | 1, 0            @ HCR.EN; all priorities, Group 0; no priority is active
        .word   0, 0, 0, 0                      @ no list register is valid

vcpu:   .skip   52                              @ r0-r12
vcpu_return:
        .skip   4
vcpu_status:
        .skip   4

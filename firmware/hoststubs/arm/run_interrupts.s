@ A host that gives interrupts to its guest: the list registers and the virtual timer go with the worlds.
@
@ ARM IHI 0048B, chapter 5; Linux 3.9, virt/kvm/arm/vgic.c and arch_timer.c. The guest's GICC is the virtual CPU interface, which
@ stage 2 maps there; the distributor is the host's business, and the host's own timer interrupt becomes the guest's.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    GICD, 0x08000000
        .equ    GICC, 0x08010000
        .equ    IAR, 0x0C
        .equ    EOIR, 0x10
        .equ    VGIC_VMCR, VCPU_VGIC + 4
        .equ    VGIC_ELRSR, VCPU_VGIC + 16
        .equ    VGIC_LR0, VCPU_VGIC + 24
        .equ    LR_PENDING, 1 << 28
        .equ    SPI, 40
        .equ    TIMER, 27                       @ PPI 11, the virtual timer

        .macro  check number, register, value
        ldr     r12, =\value
        cmp     \register, r12
        beq     97f
        mov     r0, #\number
        b       done
97:
        .endm
        .macro  guest_at entry
        ldr     r0, =vcpu
        ldr     r1, =\entry
        bl      reset_vcpu
        ldr     r0, =vcpu
        mov     r1, #1
        str     r1, [r0, #VCPU_VGIC]            @ GICH_HCR.EN
        .endm

        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, r5, r6, r7, r8, lr}
        @ The physical CPU interface lets the timer's interrupt through.
        ldr     r0, =GICD
        mov     r1, #1
        str     r1, [r0]
        ldr     r1, =1 << TIMER
        str     r1, [r0, #0x100]                @ ISENABLER0
        ldr     r0, =GICC
        mov     r1, #0xF0
        str     r1, [r0, #4]
        mov     r1, #1
        str     r1, [r0]

        ldr     r0, =after_exit
        ldr     r1, =spoil_interface
        str     r1, [r0]

        @ Two interrupts in the list: the guest takes the urgent one first, ends both, and the list is empty at the exit.
        guest_at guest_lists
        ldr     r1, =LR_PENDING | 16 << 23 | SPI
        str     r1, [r0, #VGIC_LR0]
        ldr     r1, =LR_PENDING | 4 << 23 | SPI + 1
        str     r1, [r0, #VGIC_LR0 + 12]
        bl      run_vcpu
        check   1, r0, 0
        ldr     r4, =vcpu
        ldr     r1, [r4, #VCPU_REGS + 20]
        check   2, r1, SPI + 1
        ldr     r1, [r4, #VCPU_REGS + 24]
        check   3, r1, SPI
        ldr     r1, [r4, #VGIC_ELRSR]
        check   4, r1, 0xF
        ldr     r1, [r4, #VGIC_LR0]
        tst     r1, #LR_PENDING
        beq     1f
        mov     r0, #5
        b       done
1:      @ While the host runs, the interface is off, and what the guest has set up there is kept: priorities up to 0xF0, enabled.
        ldr     r1, =0x08030000
        ldr     r1, [r1]
        check   6, r1, 0
        ldr     r1, [r4, #VGIC_VMCR]
        lsr     r1, r1, #27
        check   7, r1, 0x1E

        @ The virtual timer: off in the host's world, as it was in the guest's after each exit, and by its own offset.
        guest_at guest_sets_timer
        mrrc    p15, 0, r1, r2, c14             @ CNTPCT
        str     r1, [r0, #VCPU_CNTVOFF]
        str     r2, [r0, #VCPU_CNTVOFF + 4]
        bl      run_vcpu
        check   8, r0, 0
        ldr     r4, =vcpu
        ldr     r1, [r4, #VCPU_REGS + 20]       @ CNTVCT's upper word
        check   9, r1, 0
        ldr     r1, [r4, #VCPU_REGS + 24]       @ CNTV_CTL, after an exit
        and     r1, r1, #3
        check   10, r1, 3
        ldr     r1, [r4, #VCPU_REGS + 28]       @ CNTV_CVAL
        check   11, r1, 0x12345
        ldr     r1, [r4, #VCPU_TIMER_CTL]
        check   12, r1, 3
        mrc     p15, 0, r1, c14, c3, 1
        and     r1, r1, #1
        check   13, r1, 0
        mrrc    p15, 0, r1, r2, c14             @ the physical counter is the host's again, and so is the virtual one
        mrrc    p15, 1, r3, r4, c14
        sub     r3, r3, r1
        lsr     r3, r3, #20
        check   14, r3, 0

        @ Its interrupt comes to the host, which puts it into the list; the guest takes it as its own.
        ldr     r0, =host_interrupt
        ldr     r1, =on_interrupt
        str     r1, [r0]
        guest_at guest_waits
        bl      run_vcpu
        check   15, r0, 0
        ldr     r4, =vcpu
        ldr     r1, [r4, #VCPU_REGS + 20]
        check   16, r1, TIMER
        ldr     r1, [r4, #VCPU_REGS + 24]       @ CNTV_CTL as the guest found it: masked by the host
        and     r1, r1, #3
        check   17, r1, 3
        ldr     r1, =interrupts_taken
        ldr     r1, [r1]
        check   18, r1, 1
        mov     r0, #0
done:   pop     {r4, r5, r6, r7, r8, pc}
        .size   host_test, . - host_test
        .ltorg

@ spoil_interface(): the host has given the virtual CPU interface to another guest meanwhile.
        .type   spoil_interface, %function
spoil_interface:
        ldr     r0, =0x08030000
        mov     r1, #0
        str     r1, [r0, #8]                    @ GICH_VMCR
        str     r1, [r0, #0x100]                @ GICH_LR0
        str     r1, [r0, #0x10C]                @ GICH_LR3
        bx      lr
        .size   spoil_interface, . - spoil_interface
        .ltorg

@ on_interrupt(): the virtual timer has fired while the guest ran. Masked in its context, it asks no more; then it is the guest's.
        .type   on_interrupt, %function
on_interrupt:
        ldr     r2, =vcpu
        ldr     r1, [r2, #VCPU_TIMER_CTL]
        orr     r1, r1, #2                      @ IMASK
        str     r1, [r2, #VCPU_TIMER_CTL]
        ldr     r1, =LR_PENDING | 8 << 23 | TIMER
        str     r1, [r2, #VGIC_LR0]
        ldr     r1, =interrupts_taken
        ldr     r0, [r1]
        add     r0, r0, #1
        str     r0, [r1]
        bx      lr
        .size   on_interrupt, . - on_interrupt
        .ltorg

        .data
        .balign 4
        .global slots
slots:  .word   0x40200000, 0x00400000, 0x40200000, 0
        .word   0x08010000, 0x00002000, 0x08040000, 0   @ GICC is GICV
        .word   0, 0, 0, 0
        .bss
        .balign 4
interrupts_taken: .skip 4

@ Guests -------------------------------------------------------------------------------------------------------------------------------

        .section .guest, "ax"
        .place  .guest, 0x40200000
        .if T32
        .thumb
        .endif

        .macro  interface_on
        ldr     r0, =interrupt_vectors
        mcr     p15, 0, r0, c12, c0, 0
        ldr     r4, =GICC
        mov     r0, #0xF0
        str     r0, [r4, #4]                    @ PMR
        mov     r0, #1
        str     r0, [r4]                        @ CTLR
        mov     r11, #0
        .endm

        .type   guest_entry, %function
guest_entry:
        .type   guest_lists, %function
guest_lists:
        interface_on
        ldr     r0, =PSCI_VERSION
        hvc     #0
        cpsie   i
        nop
        nop
        cpsid   i
        mov     r5, r8
        mov     r6, r9
guest_off:
        ldr     r0, =PSCI_SYSTEM_OFF
        hvc     #0

        .type   guest_sets_timer, %function
guest_sets_timer:
        mrrc    p15, 1, r4, r5, c14             @ CNTVCT
        ldr     r6, =0x12345
        mov     r7, #0
        mcrr    p15, 3, r6, r7, c14             @ CNTV_CVAL
        mov     r6, #3
        mcr     p15, 0, r6, c14, c3, 1          @ enabled, and masked
        ldr     r0, =PSCI_VERSION
        hvc     #0
        mrc     p15, 0, r6, c14, c3, 1
        mrrc    p15, 3, r7, r8, c14
        b       guest_off

        .type   guest_waits, %function
guest_waits:
        interface_on
        movw    r0, #3000
        mcr     p15, 0, r0, c14, c3, 0          @ CNTV_TVAL
        mov     r0, #1
        mcr     p15, 0, r0, c14, c3, 1
        isb     sy
        cpsie   i
1:      cmp     r11, #0
        beq     1b
        cpsid   i
        mov     r5, r8
        mrc     p15, 0, r6, c14, c3, 1
        b       guest_off
        .ltorg

@ Numbers of the first and second interrupt are left in r8 and r9; r11 counts. Taken as A32.
        .balign 32
        .arm
interrupt_vectors:
        b       .
        b       .
        b       .
        b       .
        b       .
        b       .
        b       1f
        b       .
1:      ldr     r12, =GICC
        ldr     r10, [r12, #IAR]
        cmp     r11, #0
        moveq   r8, r10
        movne   r9, r10
        add     r11, r11, #1
        str     r10, [r12, #EOIR]
        subs    pc, lr, #4
        .ltorg

        .section .rodata, "a"
        .global guest_name
guest_name:
        .if T32
        .asciz  "arm_interrupts_t32"
        .else
        .asciz  "arm_interrupts"
        .endif

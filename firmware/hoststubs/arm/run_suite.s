@ A host that runs a test of a suite, which was loaded beside it: 64 MB of memory from where the board has its own. The serial
@ port is a device that the host plays (aborts.s).
@
@ The host itself is linked behind that memory. The test's addresses are the board's: the same file runs without a host. It is a busy
@ host: between two runs it uses all registers that a guest has, those of Hyp mode too, and looks whether its own are still there; a
@ timer interrupt of its own comes right behind the guest's first instructions.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    MEMORY, 0x40000000
        .equ    MEMORY_SIZE, 0x04000000
        .equ    GICD, 0x08000000
        .equ    GICC, 0x08010000
        .equ    GICV, 0x08040000
        .equ    GICH, 0x08030000
        .equ    TIMER, 30                       @ PPI 14, the physical timer
        .equ    VIRTUAL_TIMER, 27               @ PPI 11
        .equ    VGIC_ELRSR, VCPU_VGIC + 16
        .equ    VGIC_LR0, VCPU_VGIC + 24
        .equ    LR_PENDING, 1 << 28
        .equ    PRIORITY, 8 << 23               @ 0x40, as a test's guest asks for at its distributor
        .equ    SPOILT, 0x5A5A0001              @ what spoil puts into a register
        .equ    ALTERED, 0x5A5A5A5A             @ what Hyp mode's identities are between two runs
        .equ    LOST, 0x80                      @ the first number of what a host misses

        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, r5, r6, r7, r8, r9, r10, r11, lr}
        @ Hyp calls pass three arguments and a result; -1 asks for the vectors.
        ldr     r0, =sum_in_hyp
        ldr     r1, =0x101
        ldr     r2, =0x202
        ldr     r3, =0x303
        bl      call_hyp
        ldr     r1, =0x606
        cmp     r0, r1
        mov     r0, #1
        bne     done
        mvn     r0, #0
        bl      call_hyp
        ldr     r1, =hyp_vectors
        bic     r1, r1, #1
        cmp     r0, r1
        mov     r0, #2
        bne     done
        ldr     r0, =vcpu
        ldr     r1, =MEMORY + 0x10000
        bl      reset_vcpu
        ldr     r0, =kvm_tlb_flush_vmid_ipa
        ldr     r1, =vcpu
        ldr     r2, =MEMORY
        bl      call_hyp
        cmp     r0, #0
        mov     r0, #3
        bne     done
        ldr     r0, =absent_aborts
        mov     r1, #1
        str     r1, [r0]
        ldr     r0, =after_exit
        ldr     r1, =between
        str     r1, [r0]
        ldr     r0, =host_interrupt
        ldr     r1, =on_interrupt
        str     r1, [r0]
        ldr     r0, =gives_distributor
        mov     r1, #1
        str     r1, [r0]
        ldr     r0, =vcpu
        str     r1, [r0, #VCPU_VGIC]            @ GICH_HCR.EN
        mrrc    p15, 0, r1, r2, c14             @ CNTPCT: the guest's time begins now
        str     r1, [r0, #VCPU_CNTVOFF]
        str     r2, [r0, #VCPU_CNTVOFF + 4]
        bl      between                         @ as behind any exit: the first run finds a spoilt world, too
        @ The host's own timer: it fires when the guest has the processor.
        ldr     r0, =GICD
        mov     r1, #1
        str     r1, [r0]
        ldr     r1, =1 << TIMER
        str     r1, [r0, #0x100]                @ ISENABLER0
        ldr     r0, =GICC
        mov     r1, #0xF0
        str     r1, [r0, #4]                    @ PMR
        mov     r1, #1
        str     r1, [r0]
        mcr     p15, 0, r1, c14, c2, 0          @ CNTP_TVAL
        mcr     p15, 0, r1, c14, c2, 1          @ CNTP_CTL
        isb     sy
        ldr     r0, =vcpu
        bl      run_vcpu
        ldr     r1, =interrupts_taken
        ldr     r1, [r1]
        cmp     r0, #0
        bne     done
        cmp     r1, #1
        movne   r0, #4
done:   pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}
        .size   host_test, . - host_test
        .ltorg

@ on_interrupt(): the host's timer, once; or the guest's, which has been off since the exit, so that IAR may say that there is none. That
@ one is masked in the guest's context, and goes into an empty list register.
        .type   on_interrupt, %function
on_interrupt:
        ldr     r1, =GICC
        ldr     r0, [r1, #0xC]                  @ IAR
        cmp     r0, #TIMER
        bne     1f
        mov     r2, #0
        mcr     p15, 0, r2, c14, c2, 1
        isb     sy
        str     r0, [r1, #0x10]                 @ EOIR
        ldr     r1, =interrupts_taken
        ldr     r0, [r1]
        add     r0, r0, #1
        str     r0, [r1]
        bx      lr
1:      cmp     r0, #VIRTUAL_TIMER
        streq   r0, [r1, #0x10]
        ldr     r2, =vcpu
        ldr     r1, [r2, #VCPU_TIMER_CTL]
        and     r0, r1, #3                      @ on, and not masked
        cmp     r0, #1
        mov     r0, #5
        bne     finish
        orr     r1, r1, #2                      @ IMASK
        str     r1, [r2, #VCPU_TIMER_CTL]
        ldr     r1, [r2, #VGIC_ELRSR]
        tst     r1, #1
        mov     r0, #6
        beq     finish
        ldr     r1, =LR_PENDING | PRIORITY | VIRTUAL_TIMER
        str     r1, [r2, #VGIC_LR0]
        bx      lr
        .size   on_interrupt, . - on_interrupt
        .ltorg

@ between(): behind each exit. What spoil has put into the host's registers behind the one before is there; then it is put there anew.
        .macro  banked_is_kept name
        mrs     r0, \name
        add     r2, r2, #1
        cmp     r0, r1
        bne     lost
        .endm
        .macro  system_is_kept crn, crm, opc2
        mrc     p15, 0, r0, \crn, \crm, \opc2
        add     r2, r2, #1
        cmp     r0, r1
        bne     lost
        .endm
        .type   between, %function
between:
        push    {r4, lr}
        ldr     r3, =is_spoilt
        ldr     r0, [r3]
        cmp     r0, #0
        beq     1f
        ldr     r1, =SPOILT
        mov     r2, #LOST
        .irp    name, SP_usr, SP_abt, LR_abt, SPSR_abt, SP_und, LR_und, SPSR_und, SP_irq, LR_irq, SPSR_irq
        banked_is_kept \name
        .endr
        .irp    name, R8_fiq, R9_fiq, R10_fiq, R11_fiq, R12_fiq, SP_fiq, LR_fiq, SPSR_fiq
        banked_is_kept \name
        .endr
        system_is_kept c2, c0, 1                @ TTBR1
        system_is_kept c3, c0, 0                @ DACR
        system_is_kept c6, c0, 0                @ DFAR
        system_is_kept c6, c0, 2                @ IFAR
        system_is_kept c10, c2, 0               @ PRRR
        system_is_kept c10, c2, 1               @ NMRR
        system_is_kept c13, c0, 1               @ CONTEXTIDR
        system_is_kept c13, c0, 2               @ TPIDRURW
        system_is_kept c13, c0, 3               @ TPIDRURO
        system_is_kept c13, c0, 4               @ TPIDRPRW
        vmov    r0, r4, d0
        add     r2, r2, #1
        cmp     r0, r1
        cmpeq   r4, r1
        bne     lost
        vmov    r0, r4, d31
        add     r2, r2, #1
        cmp     r0, r1
        cmpeq   r4, r1
        bne     lost
        @ The virtual timer and interface are off, and the host's time is its own.
        ldr     r1, =GICH
        ldr     r0, [r1]
        add     r2, r2, #1
        cmp     r0, #0
        bne     lost
        mrc     p15, 0, r0, c14, c3, 1
        add     r2, r2, #1
        tst     r0, #1
        bne     lost
        mrrc    p15, 0, r0, r4, c14
        mrrc    p15, 1, r1, r4, c14
        sub     r1, r1, r0
        add     r2, r2, #1
        lsrs    r1, r1, #8
        bne     lost
1:      mov     r0, #1
        str     r0, [r3]
        bl      spoil
        ldr     r0, =GICH                       @ another guest has had the virtual interface
        mov     r1, #0
        str     r1, [r0, #8]                    @ VMCR
        str     r1, [r0, #0x100]                @ LR0
        str     r1, [r0, #0x10C]                @ LR3
        ldr     r0, =spoil_hyp
        bl      call_hyp
        @ An exclusive access of the host's own, to where the guest's r4 points, if that is memory: none of the guest's business.
        ldr     r0, =vcpu
        ldr     r0, [r0, #VCPU_REGS + 16]
        bic     r0, r0, #3
        sub     r1, r0, #MEMORY
        cmp     r1, #MEMORY_SIZE
        bhs     2f
        ldrex   r1, [r0]
2:      pop     {r4, pc}
lost:   mov     r0, r2
        b       finish
        .size   between, . - between
        .ltorg

@ In Hyp mode -----------------------------------------------------------------------------------------------------------------------

        .type   sum_in_hyp, %function
sum_in_hyp:
        add     r0, r0, r1
        add     r0, r0, r2
        bx      lr
        .size   sum_in_hyp, . - sum_in_hyp

@ spoil_hyp(): the identities that another guest has had.
        .type   spoil_hyp, %function
spoil_hyp:
        ldr     r0, =ALTERED
        mcr     p15, 4, r0, c0, c0, 0           @ VPIDR
        mcr     p15, 4, r0, c0, c0, 5           @ VMPIDR
        bx      lr
        .size   spoil_hyp, . - spoil_hyp
        .ltorg

        .data
        .balign 4
        .global slots, guest_name
slots:  .word   MEMORY, MEMORY_SIZE, MEMORY, 0
        .word   GICC, 0x00002000, GICV, 0
        .word   0, 0, 0, 0
is_spoilt:
        .word   0
interrupts_taken:
        .word   0
guest_name:
        .asciz  "suite"

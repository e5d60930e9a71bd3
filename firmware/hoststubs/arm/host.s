@ What KVM does about a guest's exits, in the host's Supervisor mode: stage 2 is filled, devices are played, some registers too; the
@ rest is undefined.
@
@ Linux 3.9, arch/arm/kvm/arm.c (kvm_arch_vcpu_ioctl_run), handle_exit.c, coproc.c, psci.c. r4 is the vcpu, r6 its HSR.
@ Each exit is written down in `exits`: code, HSR, fault address, HPFAR. Trapline compares that with its KVM/Arm model.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    MOST_EXITS, 512

        .macro  on class, target
        cmp     r2, #\class
        .if T32
        beq.w   \target
        .else
        beq     \target
        .endif
        .endm

@ run_vcpu(r0 = vcpu) -> r0 = 0 when the guest has switched itself off, else the code with which it could not go on.
        .global run_vcpu
        .type   run_vcpu, %function
run_vcpu:
        .cfi_startproc
        push    {r4, r5, r6, r7, r8, lr}
        .cfi_def_cfa_offset 24
        .cfi_offset lr, -4
        mov     r4, r0
        .global again, failed, skip
again:
        ldr     r0, =kvm_vcpu_run
        mov     r1, r4
        bl      call_hyp
        mov     r5, r0
        ldr     r0, =after_exit
        ldr     r0, [r0]
        cmp     r0, #0
        beq     3f
        blx     r0
3:
        ldr     r6, [r4, #VCPU_HSR]
        ldr     r1, =exit_count
        ldr     r2, [r1]
        cmp     r2, #MOST_EXITS
        bhs     1f
        add     r3, r2, #1
        str     r3, [r1]
        ldr     r1, =exits
        add     r1, r1, r2, lsl #4
        ldr     r2, [r4, #VCPU_HXFAR]
        ldr     r3, [r4, #VCPU_HPFAR]
        str     r5, [r1]
        str     r6, [r1, #4]
        str     r2, [r1, #8]
        str     r3, [r1, #12]
1:      cmp     r5, #ARM_EXCEPTION_IRQ
        bne     2f
        ldr     r0, =host_interrupt
        ldr     r0, [r0]
        cmp     r0, #0
        beq     failed
        blx     r0
        b       again
2:      cmp     r5, #ARM_EXCEPTION_HVC
        bne     failed
        lsr     r2, r6, #26
        on      EC_DATA_ABORT_LOWER, data_abort
        on      EC_PREFETCH_ABORT_LOWER, prefetch_abort
        on      EC_HVC, hypervisor_call
        on      EC_WFI_WFE, skip
        on      EC_CP15_MCR_MRC, coprocessor_access
undefined:
        bl      inject_undefined
        b       again
failed: mov     r0, r5
out:    pop     {r4, r5, r6, r7, r8, pc}
        .cfi_endproc
        .size   run_vcpu, . - run_vcpu

@ The trapped instruction counts as executed: pc moves on, and so does an IT block (B1.3.3, ITSTATE in two pieces of CPSR).
        .type   skip, %function
skip:
        bl      skip_instruction
        b       again
skip_instruction:
        ldr     r1, [r4, #VCPU_PC]
        add     r1, r1, #2
        tst     r6, #1 << 25                    @ HSR.IL
        beq     1f
        add     r1, r1, #2
1:      str     r1, [r4, #VCPU_PC]
        ldr     r1, [r4, #VCPU_CPSR]
        tst     r1, #PSR_T
        beq     3f
        ubfx    r2, r1, #10, #6
        lsl     r2, r2, #2
        ubfx    r3, r1, #25, #2
        orr     r2, r2, r3
        and     r3, r2, #7
        cmp     r3, #0
        beq     2f
        and     r3, r2, #0xE0
        lsl     r2, r2, #1
        and     r2, r2, #0x1F
        orr     r3, r3, r2
2:      bfi     r1, r3, #25, #2
        lsr     r3, r3, #2
        bfi     r1, r3, #10, #6
        str     r1, [r4, #VCPU_CPSR]
3:      bx      lr
        .size   skip, . - skip

@ Calls ------------------------------------------------------------------------------------------------------------------------------

        .type   hypervisor_call, %function
hypervisor_call:
        ldr     r0, [r4, #VCPU_REGS]
        ldr     r1, =PSCI_SYSTEM_OFF
        cmp     r0, r1
        beq     off
        ldr     r1, =PSCI_VERSION
        cmp     r0, r1
        beq     version
        @ Not one of PSCI's. ELR_hyp is behind the HVC; as an undefined instruction it is the HVC itself.
        ldr     r1, [r4, #VCPU_PC]
        sub     r1, r1, #4
        str     r1, [r4, #VCPU_PC]
        b       undefined
version:
        mov     r0, #2
        str     r0, [r4, #VCPU_REGS]
        b       again
off:    mov     r0, #0
        b       out
        .size   hypervisor_call, . - hypervisor_call
        .ltorg

@ CP15 -------------------------------------------------------------------------------------------------------------------------------

@ ACTLR, L2ECTLR and the performance monitors read as zero here (one processor) and ignore writes, L2CTLR reads as the host's;
@ maintenance by set and way is done already.
        .type   coprocessor_access, %function
coprocessor_access:
        movw    r0, #0xFC1E                     @ Opc2, Opc1, CRn, CRm of the syndrome
        movt    r0, #0xF
        and     r0, r0, r6
        ldr     r1, =played
1:      ldr     r2, [r1], #4
        cmp     r2, #0
        beq     monitors
        cmp     r2, r0
        bne     1b
        b       play
monitors:
        @ Opc1 0, CRn 9, CRm 12, 13 or 14.
        ubfx    r1, r0, #10, #7
        cmp     r1, #9
        bne     maintenance
        ubfx    r1, r0, #1, #4
        cmp     r1, #12
        blo     not_known
        cmp     r1, #15
        blo     play
not_known:
        b       undefined
maintenance:
        @ Opc1 0, CRn 7, CRm 6, 10 or 14, Opc2 2; it cannot be read.
        tst     r6, #1
        bne     not_known
        ubfx    r1, r0, #10, #10
        movw    r2, #2 << 7 | 7
        cmp     r1, r2
        bne     not_known
        ubfx    r1, r0, #1, #4
        cmp     r1, #6
        beq     skip_far
        cmp     r1, #10
        beq     skip_far
        cmp     r1, #14
        bne     not_known
skip_far:
        b       skip
play:   tst     r6, #1
        beq     skip_far
        ubfx    r0, r6, #5, #4
        bl      guest_register
        mov     r1, #0
        movw    r2, #0xFC1E
        movt    r2, #0xF
        and     r2, r2, r6
        ldr     r3, =2 << 17 | 1 << 14 | 9 << 10
        cmp     r2, r3
        bne     1f
        mrc     p15, 1, r1, c9, c0, 2           @ L2CTLR: the host's, with one processor
        bic     r1, r1, #3 << 24
1:      str     r1, [r0]
        b       skip
        .size   coprocessor_access, . - coprocessor_access
        .ltorg

@ guest_register(r0 = number, 0-14) -> r0 = where the context has that register of the guest's present mode. r1 is lost.
        .global guest_register
        .type   guest_register, %function
guest_register:
        ldr     r1, [r4, #VCPU_CPSR]
        and     r1, r1, #0x1F
        cmp     r0, #8
        blo     1f
        cmp     r1, #0x11
        beq     fiq_register
        cmp     r0, #13
        blo     1f
        sub     r0, r0, #13
        lsl     r0, r0, #2
        cmp     r1, #0x13
        beq     2f
        cmp     r1, #0x17
        beq     3f
        cmp     r1, #0x1B
        beq     4f
        cmp     r1, #0x12
        beq     5f
        add     r0, r0, #VCPU_SP_USR
        b       6f
2:      add     r0, r0, #VCPU_SVC
        b       6f
3:      add     r0, r0, #VCPU_ABT
        b       6f
4:      add     r0, r0, #VCPU_UND
        b       6f
5:      add     r0, r0, #VCPU_IRQ
        b       6f
fiq_register:
        sub     r0, r0, #8
        lsl     r0, r0, #2
        add     r0, r0, #VCPU_FIQ
        b       6f
1:      lsl     r0, r0, #2
6:      add     r0, r0, r4
        bx      lr
        .size   guest_register, . - guest_register

@ reset_vcpu(r0 = vcpu, r1 = entry point): KVM_ARM_VCPU_INIT. Everything is zero but what follows.
        .global reset_vcpu
        .type   reset_vcpu, %function
reset_vcpu:
        mov     r2, #0
        mov     r3, #0
1:      str     r2, [r0, r3]
        add     r3, r3, #4
        cmp     r3, #VCPU_SIZE
        blo     1b
        movw    r2, #MODE_SVC | PSR_MASKED
        tst     r1, #1
        beq     2f
        orr     r2, r2, #PSR_T
        bic     r1, r1, #1
2:      str     r1, [r0, #VCPU_PC]
        str     r2, [r0, #VCPU_CPSR]
        ldr     r2, =0x00C50078
        str     r2, [r0, #VCPU_CP15 + 28]       @ SCTLR
        ldr     r2, =0x00098AA4
        str     r2, [r0, #VCPU_CP15 + 68]       @ PRRR
        ldr     r2, =0x44E048E0
        str     r2, [r0, #VCPU_CP15 + 72]       @ NMRR
        mrc     p15, 0, r2, c0, c0, 0
        str     r2, [r0, #VCPU_MIDR]
        mrc     p15, 0, r2, c0, c0, 5
        str     r2, [r0, #VCPU_MPIDR]
        ldr     r2, =stage2_level1
        str     r2, [r0, #VCPU_VTTBR]
        mov     r2, #1 << 16                    @ VMID 1
        str     r2, [r0, #VCPU_VTTBR + 4]
        bx      lr
        .size   reset_vcpu, . - reset_vcpu
        .ltorg

        .section .rodata, "a"
        .balign 4
played: .word   1 << 17 | 1 << 10               @ ACTLR: Opc2 1, CRn 1
        .word   2 << 17 | 1 << 14 | 9 << 10     @ L2CTLR: Opc2 2, Opc1 1, CRn 9
        .word   3 << 17 | 1 << 14 | 9 << 10     @ L2ECTLR
        .word   0

        .bss
        .balign 8
        .global vcpu
vcpu:   .skip   VCPU_SIZE
        .global exit_count, exits
exit_count:
        .skip   4
        .global after_exit
after_exit:
        .skip   4                               @ a function that the host calls after each exit, if it is not 0
        .global absent_aborts
absent_aborts:
        .skip   4                               @ 1: an access that nobody answers is an external abort
        .global gives_distributor
gives_distributor:
        .skip   4                               @ 1: the guest has the board's distributor, of its own processor's interrupts
        .global host_interrupt
host_interrupt:
        .skip   4                               @ a function that takes the host's interrupt; 0: there can be none
exits:  .skip   16 * MOST_EXITS

@ A host that tests its own Hyp code: how calls pass, what an entry keeps, interrupts, what goes wrong, TLB maintenance.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    NOWHERE, 0x0B000000             @ an address that nothing answers

        .macro  check number, register, value
        ldr     r12, =\value
        cmp     \register, r12
        beq     97f
        mov     r0, #\number
        b       done
97:
        .endm
        .macro  hyp function
        ldr     r0, =\function
        bl      call_hyp
        .endm

        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, r5, r6, r7, r8, r9, r10, r11, lr}

        @ A call: r1-r3 arrive as r0-r2, the result comes back in r0, and everything else is as it was.
        ldr     r1, =0x101
        ldr     r2, =0x202
        ldr     r3, =0x303
        mov     r4, sp
        hyp     sum_in_hyp
        check   1, r0, 0x606
        cmp     r4, sp
        beq     1f
        mov     r0, #2
        b       done
1:      @ It ran in Hyp mode, and we are in Supervisor mode with our flags.
        ldr     r1, =seen_mode
        ldr     r1, [r1]
        check   3, r1, 0x1A
        mrs     r1, CPSR
        and     r1, r1, #0x1F
        check   4, r1, MODE_SVC
        @ A function of the other instruction set; a call in a call's place: the stack of Hyp mode is deep enough.
        ldr     r1, =7
        hyp     other_set
        check   5, r0, 8
        @ -1 asks for the vectors.
        mvn     r0, #0
        bl      call_hyp
        ldr     r1, =hyp_vectors
        bic     r1, r1, #1
        cmp     r0, r1
        beq     1f
        mov     r0, #6
        b       done
1:      hyp     kvm_flush_vm_context
        check   7, r0, 0

        @ A guest that loses every register that it can: the host's are kept.
        ldr     r0, =vcpu
        ldr     r1, =guest_entry
        bl      reset_vcpu
        ldr     r0, =vcpu
        ldr     r1, =0x80000F03
        str     r1, [r0, #VCPU_MPIDR]
        ldr     r4, =0x4444
        msr     SP_usr, r4
        ldr     r4, =0x4445
        msr     SP_irq, r4
        ldr     r4, =0x4446
        msr     LR_abt, r4
        ldr     r4, =0x4447
        msr     R8_fiq, r4
        ldr     r4, =0x4448
        msr     SPSR_und, r4
        ldr     r4, =0x4449
        mcr     p15, 0, r4, c13, c0, 4          @ TPIDRPRW
        ldr     r4, =0x444A
        ldr     r5, =0x444B
        vmov    d7, r4, r5
        vmov    d30, r5, r4
        ldr     r6, =0x6666
        ldr     r11, =0xBBBB
        ldr     r0, =vcpu
        bl      run_vcpu
        check   8, r0, 0
        check   9, r6, 0x6666
        check   10, r11, 0xBBBB
        mrs     r4, SP_usr
        check   11, r4, 0x4444
        mrs     r4, SP_irq
        check   12, r4, 0x4445
        mrs     r4, LR_abt
        check   13, r4, 0x4446
        mrs     r4, R8_fiq
        check   14, r4, 0x4447
        mrs     r4, SPSR_und
        check   15, r4, 0x4448
        mrc     p15, 0, r4, c13, c0, 4
        check   16, r4, 0x4449
        vmov    r4, r5, d7
        check   17, r4, 0x444A
        vmov    r4, r5, d30
        check   18, r4, 0x444B
        ldr     r0, =vcpu
        ldr     r4, [r0, #VCPU_VFP + 56]        @ the guest's own d7
        check   19, r4, 0xEEEE
        ldr     r4, [r0, #VCPU_CP15 + 100]
        check   20, r4, 0xEEEF
        ldr     r4, [r0, #VCPU_VFP_SWITCHES]
        check   21, r4, 2                       @ once, and again after an exit in between
        ldr     r5, [r0, #VCPU_REGS + 32]       @ the guest's MPIDR, which the context says
        check   22, r5, 0x80000F03

        b       interrupts
        .ltorg
interrupts:
        @ An interrupt for the host ends the run, whatever the guest masks: the physical timer, through the GIC.
        ldr     r0, =vcpu
        ldr     r1, =guest_spins
        bl      reset_vcpu
        bl      arm_timer
        ldr     r0, =kvm_vcpu_run
        ldr     r1, =vcpu
        bl      call_hyp
        check   23, r0, ARM_EXCEPTION_IRQ
        @ It is still pending: the host itself would take it now.
        mrc     p15, 0, r1, c12, c1, 0          @ ISR
        check   24, r1, 0x80
        bl      end_timer
        check   25, r0, 30                      @ PPI 14

        @ Exceptions of Hyp mode in the middle of an entry end the run with their code.
        .macro  ends_with number, hook, code
        ldr     r0, =vcpu
        ldr     r1, =guest_spins
        bl      reset_vcpu
        ldr     r0, =vcpu
        ldr     r1, =\hook
        str     r1, [r0, #VCPU_HOOK]
        ldr     r0, =kvm_vcpu_run
        ldr     r1, =vcpu
        bl      call_hyp
        check   \number, r0, \code
        .endm
        ends_with 26, hyp_udf, ARM_EXCEPTION_UNDEFINED
        ends_with 27, hyp_svc, ARM_EXCEPTION_SOFTWARE
        ends_with 28, hyp_load, ARM_EXCEPTION_DATA_ABORT
        ends_with 29, hyp_jump, ARM_EXCEPTION_PREF_ABORT
        b       panics
        .ltorg
panics:
        @ The same in a call of the host's is a panic, which names the exception.
        .macro  panics_with number, function, text
        ldr     r1, =98f
        ldr     r0, =continue_at
        str     r1, [r0]
        ldr     r1, =on_panic
        ldr     r0, =panic_handler
        str     r1, [r0]
        ldr     r1, =kept_sp
        mov     r0, sp
        str     r0, [r1]
        hyp     \function
        mov     r0, #\number
        b       done
98:
        ldr     r1, =\text
        cmp     r0, r1
        beq     99f
        mov     r0, #\number + 0x40
        b       done
99:
        .endm
        panics_with 32, hyp_udf, text_undefined
        panics_with 33, hyp_svc, text_software
        panics_with 34, hyp_load, text_data
        panics_with 35, hyp_jump, text_prefetch
        b       flushes
        .ltorg
flushes:
        @ A page of the guest's moves. After the flush for its VMID it finds the other memory there.
        ldr     r0, =vcpu
        ldr     r1, =guest_reads
        bl      reset_vcpu
        ldr     r0, =0x40800000
        ldr     r1, =0x1111
        str     r1, [r0]
        add     r0, r0, #0x10000
        ldr     r1, =0x2222
        str     r1, [r0]
        ldr     r0, =vcpu
        bl      run_vcpu
        check   36, r0, 0
        ldr     r0, =vcpu
        ldr     r1, [r0, #VCPU_REGS + 20]
        check   37, r1, 0x1111
        ldr     r0, =moved
        ldr     r1, =0x40810000
        str     r1, [r0]
        ldr     r0, =0x50000000
        ldr     r1, =moved - 8
        bl      map
        ldr     r1, =vcpu
        ldr     r2, =0x50000000
        hyp     kvm_tlb_flush_vmid_ipa
        ldr     r0, =vcpu
        ldr     r1, =guest_reads
        bl      reset_vcpu
        ldr     r0, =vcpu
        bl      run_vcpu
        ldr     r0, =vcpu
        ldr     r1, [r0, #VCPU_REGS + 20]
        check   38, r1, 0x2222
        @ Exclusive accesses outlive neither an entry nor an exit: the guest's first store fails, and so does the host's.
        ldr     r0, =vcpu
        ldr     r1, =guest_exclusive
        bl      reset_vcpu
        ldr     r4, =0x40500000
        ldrex   r5, [r4]
        ldr     r0, =kvm_vcpu_run
        ldr     r1, =vcpu
        bl      call_hyp                        @ stage 2 is filled in
        ldr     r0, =vcpu
        bl      run_vcpu
        ldr     r0, =vcpu
        ldr     r1, =guest_exclusive
        bl      reset_vcpu
        ldr     r4, =0x40500000
        ldrex   r5, [r4]
        ldr     r0, =kvm_vcpu_run
        ldr     r1, =vcpu
        bl      call_hyp
        strex   r6, r5, [r4]
        check   40, r6, 1
        ldr     r0, =vcpu
        ldr     r1, [r0, #VCPU_REGS + 20]
        check   41, r1, 1
        @ A run that cannot go on says so: an access to a device that the syndrome does not describe.
        ldr     r0, =vcpu
        ldr     r1, =guest_pops
        bl      reset_vcpu
        ldr     r0, =vcpu
        bl      run_vcpu
        check   39, r0, 0x38
        mov     r0, #0
done:   pop     {r4, r5, r6, r7, r8, r9, r10, r11, pc}
        .size   host_test, . - host_test
        .ltorg

        .type   on_panic, %function
on_panic:
        ldr     r1, =kept_sp
        ldr     sp, [r1]
        ldr     r1, =continue_at
        ldr     r1, [r1]
        .if T32
        orr     r1, r1, #1
        .endif
        bx      r1
        .ltorg

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

        .data
        .balign 4
        .global slots
slots:  .word   0x40200000, 0x00400000, 0x40200000, 0
        .word   0x50000000, 0x00002000
moved:  .word   0x40800000, 0
        .word   0, 0, 0, 0
        .bss
        .balign 4
seen_mode:      .skip 4
continue_at:    .skip 4
kept_sp:        .skip 4

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

        .section .rodata, "a"
        .global guest_name
guest_name:
        .if T32
        .asciz  "arm_hyp_calls_t32"
        .else
        .asciz  "arm_hyp_calls"
        .endif

@ A host that tests its own Hyp code: how calls pass, what an entry keeps, interrupts, what goes wrong, TLB maintenance.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

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
        check   42, r0, 0
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

        .data
        .balign 4
        .global slots
slots:  .word   0x40200000, 0x00400000, 0x40200000, 0
        .word   0x50000000, 0x00002000
moved:  .word   0x40800000, 0
        .word   0, 0, 0, 0
        .bss
        .balign 4
        .global seen_mode
seen_mode:      .skip 4
continue_at:    .skip 4
kept_sp:        .skip 4

        .section .rodata, "a"
        .global guest_name
guest_name:
        .if T32
        .asciz  "arm_hyp_calls_t32"
        .else
        .asciz  "arm_hyp_calls"
        .endif

@ A small KVM/Arm host: it starts in Hyp mode, installs its Hyp vectors, drops to SVC mode, and from there runs a guest through
@ calls of its own Hyp code, as Linux's KVM did (ARM DDI 0406C, B1.8.7 and B3.6; the calling convention of Linux 3.9).
@
@ From SVC mode the host calls Hyp code with `hvc #0`: r0 is the function's address, r1-r3 become its r0-r2, its r0 comes back.
@ The world switch gives the guest a VMID that is not 0; that is how the Hyp vectors tell a call of the host from a trap of the
@ guest. The guest's traps come back as exit codes, with HSR, HDFAR and HPFAR stored for the host to read.
@
@ First reading: `host`, then `kvm_vcpu_run`, then `hyp_trap`.

        .text
        .equ    VMID1, 1 << 16                  @ VTTBR bits 55:48, in its upper word
        @ HCR: VM, FMO, IMO, AMO, FB, inner shareable barriers, TWI, TSC, TIDCP, TAC, TSW: what KVM sets for guests.
        .equ    HCR_GUEST, 1<<0 | 1<<1 | 1<<3 | 1<<4 | 1<<5 | 1<<9 | 1<<10 | 1<<13 | 1<<19 | 1<<20 | 1<<21 | 1<<22
        @ VTCR: first-level lookup (SL0 = 1), 40-bit addresses (T0SZ = -8 with its sign bit), write-back walks.
        .equ    VTCR_GUEST, 0x80003558
        .equ    MODE_SVC, 0x13
        .equ    PSR_MASKED, 0x1C0               @ A, I, F
        .equ    EC_HVC, 0x12
        .equ    EC_DATA_ABORT_LOWER, 0x24
        .equ    EXIT_TRAP, ARM_EXCEPTION_HVC
        .equ    GUEST_HVC_NUMBER, 0x4A11        @ what guests/arm_guest.s puts into its hvc
        .equ    GUEST_MMIO, 0x0A000000          @ the address that it loads from: nothing is mapped there
        .equ    MMIO_ANSWER, 0x600DF00D

        @ The context of a vcpu.
        .equ    VCPU_REGS, 0                    @ r0-r12
        .equ    VCPU_SP, 52
        .equ    VCPU_LR, 56
        .equ    VCPU_PC, 60
        .equ    VCPU_CPSR, 64
        .equ    VCPU_HSR, 68
        .equ    VCPU_HDFAR, 72
        .equ    VCPU_HPFAR, 76

        .macro  check number, register, value
        ldr     r12, =\value
        cmp     \register, r12
        movne   r0, #\number
        bne     finish
        .endm

        .global _start
        .type   _start, %function
_start:
        ldr     sp, =hyp_stack
        ldr     r0, =hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        ldr     r0, =VTCR_GUEST
        mcr     p15, 4, r0, c2, c1, 2           @ VTCR
        mov     r0, #0
        mov     r1, #0
        mcrr    p15, 6, r0, r1, c2              @ VTTBR: VMID 0, the host
        mcr     p15, 4, r0, c1, c1, 0           @ HCR: nothing of the host's is trapped
        ldr     r0, =host
        msr     ELR_hyp, r0
        movw    r0, #MODE_SVC | PSR_MASKED
        msr     SPSR_cxsf, r0
        eret
        .size   _start, . - _start

@ The host, in SVC mode.
        .type   host, %function
host:
        .cfi_startproc
        .cfi_undefined lr                       @ nobody called: a debugger's backtrace ends here
        ldr     sp, =host_stack
        bl      build_stage2

        @ First entry: the guest runs until its hvc.
        bl      run_guest
        check   1, r0, EXIT_TRAP
        ldr     r4, =vcpu
        ldr     r1, [r4, #VCPU_HSR]
        lsr     r2, r1, #26
        check   2, r2, EC_HVC
        uxth    r2, r1
        check   3, r2, GUEST_HVC_NUMBER
        ldr     r2, [r4, #VCPU_REGS]
        check   4, r2, 0xC0FFEE
        @ ELR_hyp of an hvc is the instruction behind it: the guest goes on there, with an answer in r0.
        ldr     r2, =0x5AFE
        str     r2, [r4, #VCPU_REGS]

        @ Second entry: the guest loads from an address that stage 2 does not map.
        bl      run_guest
        check   5, r0, EXIT_TRAP
        ldr     r1, [r4, #VCPU_HSR]
        lsr     r2, r1, #26
        check   6, r2, EC_DATA_ABORT_LOWER
        ldr     r2, [r4, #VCPU_HDFAR]
        check   7, r2, GUEST_MMIO + 8
        ldr     r2, [r4, #VCPU_HPFAR]
        check   8, r2, GUEST_MMIO >> 8          @ HPFAR 31:4 holds the address's bits 39:12
        ubfx    r2, r1, #24, #1
        check   9, r2, 1                        @ ISV: the syndrome describes the access
        ubfx    r2, r1, #22, #2
        check   10, r2, 2                       @ SAS: a word
        ubfx    r2, r1, #6, #1
        check   11, r2, 0                       @ WnR: a read
        and     r2, r1, #0x3C
        check   12, r2, 4                       @ a translation fault
        @ Emulate it: SRT names the register that gets the answer; the instruction is 4 bytes long (IL).
        ubfx    r2, r1, #16, #4
        ldr     r3, =MMIO_ANSWER
        str     r3, [r4, r2, lsl #2]
        ldr     r2, [r4, #VCPU_PC]
        add     r2, r2, #4
        str     r2, [r4, #VCPU_PC]

        @ Third entry: the guest says with another hvc what it got.
        bl      run_guest
        check   13, r0, EXIT_TRAP
        ldr     r1, [r4, #VCPU_HSR]
        lsr     r2, r1, #26
        check   14, r2, EC_HVC
        ldr     r2, [r4, #VCPU_REGS]
        check   15, r2, 0x5AFE
        ldr     r2, [r4, #VCPU_REGS + 4]
        check   16, r2, MMIO_ANSWER
        mov     r0, #0
        b       finish
        .cfi_endproc
        .size   host, . - host
        .ltorg

@ run_guest() -> r0 = exit code: the Hyp call of kvm_vcpu_run.
        .type   run_guest, %function
run_guest:
        .cfi_startproc
        ldr     r0, =kvm_vcpu_run
        ldr     r1, =vcpu
call_hyp:
        hvc     #0
        bx      lr
        .cfi_endproc
        .size   run_guest, . - run_guest

@ build_stage2(): one gigabyte of addresses has a second-level table, and in it one 2 MB block, the guest's, is mapped.
        .type   build_stage2, %function
build_stage2:
        ldr     r0, =stage2_level1
        ldr     r1, =stage2_level2
        orr     r2, r1, #3                      @ a table descriptor
        mov     r3, #0
        strd    r2, r3, [r0, #8]                @ entry 1: addresses from 0x40000000
        ldr     r0, =guest_entry
        ubfx    r0, r0, #21, #9                 @ which 2 MB of that gigabyte
        add     r1, r1, r0, lsl #3
        ldr     r2, =guest_entry
        bfc     r2, #0, #21
        ldr     r12, =0x7FD                     @ a block: write-back, read and write, inner shareable, AF
        orr     r2, r2, r12
        strd    r2, r3, [r1]
        dsb     sy
        bx      lr
        .size   build_stage2, . - build_stage2
        .ltorg

@ Hyp mode ------------------------------------------------------------------------------------------------------------------------

        .balign 32
hyp_vectors:
        b       hyp_unexpected                  @ 0x00 reset
        b       hyp_unexpected                  @ 0x04 undefined instruction in Hyp mode
        b       hyp_unexpected                  @ 0x08 svc or hvc in Hyp mode
        b       hyp_unexpected                  @ 0x0C prefetch abort in Hyp mode
        b       hyp_unexpected                  @ 0x10 data abort in Hyp mode
        b       hyp_trap                        @ 0x14 traps, aborts and hvc from below
        b       hyp_unexpected                  @ 0x18 IRQ
        b       hyp_unexpected                  @ 0x1C FIQ

@ A trap from below. VMID 0: a call of the host's. Else the guest's, and kvm_vcpu_run returns with it.
        .type   hyp_trap, %function
hyp_trap:
        .cfi_startproc
        .cfi_undefined lr                       @ who trapped is in ELR_hyp, not in lr
        push    {r0, r1, r2}
        mrrc    p15, 6, r0, r1, c2              @ VTTBR
        ubfx    r1, r1, #16, #8
        cmp     r1, #0
        bne     guest_trap

        @ The host's call: SPSR and lr stay on the Hyp stack, the function runs with the arguments moved down by one.
        pop     {r0, r1, r2}
        mrs     r12, SPSR
        push    {r12, lr}
        mrs     r12, ELR_hyp
        push    {r11, r12}
        mov     r12, r0
        mov     r0, r1
        mov     r1, r2
        mov     r2, r3
        blx     r12
        pop     {r11, r12}
        msr     ELR_hyp, r12
        pop     {r12, lr}
        msr     SPSR_cxsf, r12
        eret
        .cfi_endproc
        .size   hyp_trap, . - hyp_trap

@ kvm_vcpu_run(r0 = vcpu) -> r0 = exit code. Keeps the host's registers on the Hyp stack until the guest traps.
        .global kvm_vcpu_run
        .type   kvm_vcpu_run, %function
kvm_vcpu_run:
        .cfi_startproc
        push    {r4-r11, lr}
        .cfi_def_cfa_offset 36
        .cfi_offset lr, -4
        mrs     r1, SP_svc
        mrs     r2, LR_svc
        push    {r0, r1, r2}
        .cfi_def_cfa_offset 48
        @ The guest's address space and its traps.
        ldr     r1, =HCR_GUEST
        mcr     p15, 4, r1, c1, c1, 0
        ldr     r1, =stage2_level1
        ldr     r2, =VMID1
        mcrr    p15, 6, r1, r2, c2
        isb
        @ Its registers: banked ones first, r0 last, because it holds the context.
        ldr     r1, [r0, #VCPU_SP]
        msr     SP_svc, r1
        ldr     r1, [r0, #VCPU_LR]
        msr     LR_svc, r1
        ldr     r1, [r0, #VCPU_PC]
        msr     ELR_hyp, r1
        ldr     r1, [r0, #VCPU_CPSR]
        msr     SPSR_cxsf, r1
        ldm     r0, {r0-r12}
enter_guest:
        eret
        .cfi_endproc
        .size   kvm_vcpu_run, . - kvm_vcpu_run

@ The guest has trapped; its r0-r2 stand on the Hyp stack, the host's context above them.
        .type   guest_trap, %function
guest_trap:
        .cfi_startproc
        .cfi_def_cfa_offset 60                  @ above the host's context, as kvm_vcpu_run has it
        .cfi_offset lr, -4
        ldr     r0, [sp, #12]                   @ the vcpu, as kvm_vcpu_run pushed it
        add     r1, r0, #VCPU_REGS + 12
        stm     r1, {r3-r12}
        pop     {r1, r2, r3}
        .cfi_def_cfa_offset 48
        stm     r0, {r1, r2, r3}
        mrs     r1, SP_svc
        str     r1, [r0, #VCPU_SP]
        mrs     r1, LR_svc
        str     r1, [r0, #VCPU_LR]
        mrs     r1, ELR_hyp
        str     r1, [r0, #VCPU_PC]
        mrs     r1, SPSR
        str     r1, [r0, #VCPU_CPSR]
        mrc     p15, 4, r1, c5, c2, 0           @ HSR
        str     r1, [r0, #VCPU_HSR]
        mrc     p15, 4, r1, c6, c0, 0           @ HDFAR
        str     r1, [r0, #VCPU_HDFAR]
        mrc     p15, 4, r1, c6, c0, 4           @ HPFAR
        str     r1, [r0, #VCPU_HPFAR]
        @ Back to the host's world.
        mov     r1, #0
        mov     r2, #0
        mcrr    p15, 6, r1, r2, c2
        mcr     p15, 4, r1, c1, c1, 0
        isb
        pop     {r0, r1, r2}
        .cfi_def_cfa_offset 36
        msr     SP_svc, r1
        msr     LR_svc, r2
        mov     r0, #EXIT_TRAP
        pop     {r4-r11, pc}
        .cfi_endproc
        .size   guest_trap, . - guest_trap

@ An exception that Hyp mode itself should never take: said on the serial port, not swallowed.
        .type   hyp_unexpected, %function
hyp_unexpected:
        mov     r0, #0xEE
        b       finish
        .size   hyp_unexpected, . - hyp_unexpected
        .ltorg

        .data
        .balign 8
vcpu:
        .skip   VCPU_PC                         @ r0-r12, sp, lr: all zero
        .word   guest_entry
        .word   MODE_SVC | PSR_MASKED
        .word   0, 0, 0

        .bss
        .balign 8192
stage2_level1:
        .skip   8192                            @ 1024 entries: two tables side by side for 40-bit addresses
stage2_level2:
        .skip   4096
        .skip   1024
host_stack:
        .skip   1024
hyp_stack:
        .skip   8

        .section .rodata, "a"
        .global guest_name
guest_name:
        .asciz  "arm_hyp"

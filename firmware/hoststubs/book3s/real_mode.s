# What the host decides right behind the vector, with the partition's registers still in place: in hypervisor real mode, as KVM Book3S
# HV does. Page table calls are answered here, storage interrupts looked into, external interrupts handed on. What
# is left goes on to `guest_leave`.

# exit_in_real_mode: r31 = the vcpu, r12 = vector.
        .type   exit_in_real_mode, @function
exit_in_real_mode:
        cmpwi   r12, system_call_vector
        beq     hypervisor_call
        cmpwi   r12, external_vector
        beq     external_interrupt
        .if     POWER7
        cmpwi   r12, hypervisor_data_storage_vector
        beq     storage_interrupt
        cmpwi   r12, hypervisor_instruction_storage_vector
        beq     storage_interrupt
        cmpwi   r12, hypervisor_emulation_assistance_vector
        beq     illegal_instruction
        .endif
        # Whatever else comes is the host's. The hypervisor decrementer of a core that leaves is no exit of its own.
        .if     POWER7
        cmpwi   r12, hypervisor_decrementer_vector
        bne     1f
        address r4, vcore
        ld      r4, VCORE_STATE(r4)
        andi.   r0, r4, EXITS
        bne     guest_leave
1:
        .endif
        mr      r4, r12
        li      r3, TRACE_EXIT
        bl      trace
        b       guest_leave

resume: mr      r3, r31
        b       guest_resume
        .size   exit_in_real_mode, . - exit_in_real_mode

# The partition's own interrupt: saved as its core would have saved it. r3 = vector, r4 = the causes in SRR1.
        .type   interrupt_partition, @function
interrupt_partition:
        ld      r5, VCPU_PC(r31)
        ld      r6, VCPU_MSR(r31)
        or      r6, r6, r4
        mtsrr0  r5
        mtsrr1  r6
        std     r3, VCPU_PC(r31)
        load64  r4, PARTITION_MSR
        std     r4, VCPU_MSR(r31)
        blr
        .size   interrupt_partition, . - interrupt_partition

        .if     POWER7
illegal_instruction:
        mr      r4, r12
        li      r3, TRACE_EXIT
        bl      trace
        li      r3, program_vector
        lis     r4, 8                           # SRR1: illegal
        bl      interrupt_partition
        b       resume
        .endif

# An external interrupt is the host's, or it says that the partition can take the one that it waits for: LPCR.MER on POWER7, on the
# 970 an interrupt that the host has requested of its own core, and that MSR.EE has held off.
external_interrupt:
        li      r3, TRACE_EXIT
        li      r4, external_vector
        bl      trace
        ld      r3, VCPU_EXTERNAL(r31)
        cmpdi   r3, 0
        beq     guest_leave
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_EE
        beq     guest_leave
        li      r3, external_vector
        li      r4, 0
        bl      interrupt_partition
        b       resume

# Hypercalls -----------------------------------------------------------------------------------------------------------------------

# A program is not to call the hypervisor: what it gets is its operating system's system call.
hypervisor_call:
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_PR
        beq     1f
        li      r3, system_call_vector
        li      r4, 0
        bl      interrupt_partition
        b       resume
        # Calls that are answered here are found in a table; the low bits of the number do not count, as in KVM.
1:      ld      r3, VCPU_GPR + 24(r31)
        clrrdi  r4, r3, 2
        address r5, real_mode_calls
2:      ld      r6, 8(r5)
        cmpdi   r6, 0
        beq     guest_leave
        ld      r7, 0(r5)
        cmpd    r7, r4
        beq     3f
        addi    r5, r5, 16
        b       2b
3:      mr      r29, r3
        mr      r28, r6
        bl      trace_call
        mr      r30, r3
        mtctr   r28
        bctrl
        # r3 is the return code. What is too hard for here goes to the next level, which makes a record of its own.
        cmpdi   r3, H_TOO_HARD
        beq     4f
        std     r3, VCPU_GPR + 24(r31)
        mr      r3, r30
        bl      trace_answer
        b       resume
4:      li      r3, 0
        std     r3, 0(r30)
        b       guest_leave

        .section .rodata, "a"
        .balign 8
real_mode_calls:
        .quad   H_ENTER, h_enter
        .quad   H_REMOVE, h_remove
        .quad   H_READ, h_read
        .quad   H_PROTECT, h_protect
        .quad   H_BULK_REMOVE, h_bulk_remove
        .quad   H_PAGE_INIT, h_page_init
        .quad   H_PUT_TCE, h_put_tce
        .quad   H_SET_DABR, h_set_dabr
        .if     POWER7
        .quad   H_CEDE, cede_in_real_mode
        .endif
        .quad   0, 0
        .text

        .type   h_set_dabr, @function
h_set_dabr:
        argument r3, 4
        mtspr   SPR_DABR, r3
        li      r3, 3
        mtspr   SPR_DABRX, r3
        li      r3, H_SUCCESS
        blr
        .size   h_set_dabr, . - h_set_dabr

# One bus has a table; others are user space's.
        .type   h_put_tce, @function
h_put_tce:
        argument r3, 4
        argument r4, 5
        argument r5, 6
        load64  r6, TCE_BUS
        cmpld   r3, r6
        li      r3, H_TOO_HARD
        bnelr
        load64  r6, TCE_WINDOW
        cmpld   r4, r6
        li      r3, H_PARAMETER
        bgelr
        srdi    r4, r4, 12
        sldi    r4, r4, 3
        address r6, TCE_TABLE
        stdx    r5, r6, r4
        li      r3, H_SUCCESS
        blr
        .size   h_put_tce, . - h_put_tce

# H_PAGE_INIT: pages of 4 KB that are memory, zeroed or copied.
        .type   h_page_init, @function
h_page_init:
        argument r4, 4
        argument r5, 5
        argument r6, 6
        li      r3, H_PARAMETER
        load64  r7, ~0xF00C0C000                # flags that there are
        and.    r0, r4, r7
        bnelr
        load64  r7, PARTITION_SIZE
        andi.   r0, r5, 0xFFF
        bnelr
        cmpld   r5, r7
        bgelr
        address r8, PARTITION
        add     r5, r5, r8
        andi.   r0, r4, H_COPY_PAGE
        beq     1f
        andi.   r0, r6, 0xFFF
        bnelr
        cmpld   r6, r7
        bgelr
        add     r6, r6, r8
        b       2f
1:      rlwinm. r0, r4, 0, H_ZERO_PAGE
        li      r3, H_SUCCESS
        beqlr
        address r6, zero_page
2:      li      r0, 512
        mtctr   r0
        addi    r5, r5, -8
        addi    r6, r6, -8
3:      ldu     r0, 8(r6)
        stdu    r0, 8(r5)
        bdnz    3b
        li      r3, H_SUCCESS
        blr
        .size   h_page_init, . - h_page_init

        .bss
        .balign 8
zero_page:
        .skip   4096
        .text

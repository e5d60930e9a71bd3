# H_CEDE in real mode, as KVM Book3S HV has it (kvmppc_h_cede): a nap in the partition.
#
# The thread naps while others of its core run. The last one that would nap leaves instead, and the core waits in the host.
#     r30: the call's record in the trace
        .type   cede_in_real_mode, @function
cede_in_real_mode:
        ld      r4, VCPU_PRODDED(r31)
        ld      r5, VCPU_EXTERNAL(r31)
        or.     r4, r4, r5
        li      r3, H_TOO_HARD
        bnelr
        ld      r8, T_NUMBER(r13)
        addi    r8, r8, NAPPING_SHIFT
        li      r7, 1
        sld     r8, r7, r8
        address r5, vcore
1:      ldarx   r6, 0, r5
        andi.   r0, r6, EXITS
        bnelr
        or      r7, r6, r8
        srdi    r9, r7, NAPPING_SHIFT
        popcntd r9, r9
        clrldi  r10, r6, 56
        cmpd    r9, r10
        bgelr
        stdcx.  r7, 0, r5
        bne-    1b

        ld      r4, VCPU_MSR(r31)
        ori     r4, r4, MSR_EE
        std     r4, VCPU_MSR(r31)
        li      r4, 1
        std     r4, VCPU_CEDED(r31)
        li      r3, H_SUCCESS
        result  3, r3
        mr      r3, r30
        bl      trace_answer
        mr      r3, r31
        bl      thread_out
nap_in_partition:
        load64  r4, LPCR_PARTITION & ~LPCR_HDICE # no hypervisor decrementer: exits come by interprocessor interrupt
        mtspr   SPR_LPCR, r4
        address r4, cede_woken
        std     r4, T_WOKEN(r13)
        nap
cede_woken:
        ld      r31, T_VCPU(r13)
        ld      r1, T_STACK(r13)
        bl      withdraw_interrupt
        ld      r8, T_NUMBER(r13)
        addi    r8, r8, NAPPING_SHIFT
        li      r7, 1
        sld     r8, r7, r8
        address r5, vcore
        mfdec   r4
        extsw   r4, r4
2:      ldarx   r6, 0, r5
        andi.   r0, r6, EXITS
        mcrf    cr1, cr0
        bne     3f
        cmpdi   r4, 0
        bge     nap_in_partition
3:      andc    r7, r6, r8
        stdcx.  r7, 0, r5
        bne-    2b
        isync
        bne     cr1, 4f
        # Its decrementer: it goes on, with all that the nap has lost.
        li      r4, 0
        std     r4, VCPU_CEDED(r31)
        mr      r3, r31
        bl      thread_in
        b       guest_resume
        # Taken out: it waits on, in the host. Its state is saved already.
4:      li      r4, 0
        std     r4, VCPU_TRAP(r31)
        bl      begin_exit
        b       guest_left
        .size   cede_in_real_mode, . - cede_in_real_mode

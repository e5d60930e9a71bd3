# The world switch: host to partition and back.
#
# A partition is described to the core by SDR1 (its page table), LPIDR and RMOR; the 970 has the last two in HID4. These belong to the
# core. Everything else belongs to the vcpu and is the thread's: LPCR, GPRs, SLB, floating-point and vector registers, SPRs.
#
# First reading: guest_entry, guest_exit. What an exit comes to is decided in real_mode.s; most of them go back from there by
# `guest_resume`, with the partition's SLB, floating-point registers and SPRs still in place.

        .macro  each_spr action
        \action 26, 0                           # SRR0
        \action 27, 8                           # SRR1
        \action 272, 0x10                       # SPRG0 to SPRG3
        \action 273, 0x18
        \action 274, 0x20
        \action 275, 0x28
        \action 19, 0x30                        # DAR
        \action 18, 0x38                        # DSISR
        \action SPR_DABR, 0x40
        \action SPR_DABRX, 0x48
        \action SPR_VRSAVE, 0x50
        .if     POWER7
        \action SPR_DSCR, 0x58
        \action SPR_AMR, 0x60
        \action SPR_UAMOR, 0x68
        .endif
        .endm
        .macro  load_spr number, offset
        ld      r0, VCPU_SPRS + \offset(r3)
        mtspr   \number, r0
        .endm
        .macro  store_spr number, offset
        mfspr   r0, \number
        std     r0, VCPU_SPRS + \offset(r3)
        .endm

        # Floating-point and vector registers. POWER7's 64 VSRs contain both.
        .macro  each_vector vsx, fpr, vector
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        .if     POWER7
        \vsx    vs\n, r3, r4
        addi    r4, r4, 16
        .else
        \fpr    f\n, VCPU_VECTORS + 16 * \n(r3)
        .endif
        .endr
        .if     POWER7
        .irp    n, 32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63
        \vsx    vs\n, r3, r4
        addi    r4, r4, 16
        .endr
        .else
        li      r4, VCPU_VECTORS + 512
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        \vector v\n, r3, r4
        addi    r4, r4, 16
        .endr
        .endif
        .endm
        # Before the macro that moves them: makes them accessible. r4 is the offset of the first one.
        .macro  vectors_on
        mfmsr   r0
        oris    r0, r0, (MSR_VEC | MSR_VSX)@h
        ori     r0, r0, MSR_FP
        mtmsrd  r0
        isync
        li      r4, VCPU_VECTORS
        .endm

# guest_entry(r3 = vcpu): runs it until something has to be handled by the host; VCPU_TRAP is the vector, or 0.
        .global guest_entry
        .type   guest_entry, @function
guest_entry:
        enter   14
        mfcr    r0
        std     r0, 8(r1)
guest_entry_of_secondary:                       # which leaves nothing behind to come back to
        std     r1, T_STACK(r13)
        bl      core_in
        bne     too_late
        bl      thread_in
        std     r3, T_VCPU(r13)
        b       guest_resume
too_late:
        li      r0, 0
        std     r0, VCPU_TRAP(r3)
        b       guest_returns
        .size   guest_entry, . - guest_entry

# thread_in(r3 = vcpu), keeps r3: all of the vcpu's state but what guest_resume loads.
        .type   thread_in, @function
thread_in:
        mflr    r11
        bl      control_in
        mtlr    r11
        # Its segments. slbia leaves entry 0 alone; loading that one replaces it.
        slbia
        addi    r4, r3, VCPU_SLB
        li      r5, SLB_ENTRIES
        mtctr   r5
        li      r6, 0
1:      ld      r7, 0(r4)
        ld      r8, 8(r4)
        or      r7, r7, r6                      # the entry's number; an invalid entry is loaded as well
        slbmte  r8, r7
        addi    r4, r4, 16
        addi    r6, r6, 1
        bdnz    1b
        isync

        vectors_on
        lfd     f0, VCPU_FPSCR(r3)
        mtfsf   0xFF, f0
        li      r5, VCPU_VSCR
        lvx     v0, r3, r5
        mtvscr  v0
        .if     POWER7
        each_vector lxvd2x
        .else
        each_vector "", lfd, lvx
        .endif
        each_spr load_spr

        # The decrementer goes on counting while its vcpu does not run.
        ld      r4, VCPU_DEC(r3)
        mftb    r5
        subf    r4, r5, r4
        mtdec   r4
        blr
        .size   thread_in, . - thread_in

# guest_resume(r3 = vcpu): the rest of the way in.
        .global guest_resume
        .type   guest_resume, @function
guest_resume:
        ld      r4, VCPU_PC(r3)
        ld      r5, VCPU_MSR(r3)
        mtspr   SPR_HSRR0, r4
        mtspr   SPR_HSRR1, r5
        ld      r4, VCPU_CR(r3)
        ld      r5, VCPU_LR(r3)
        ld      r6, VCPU_CTR(r3)
        ld      r7, VCPU_XER(r3)
        mtcr    r4
        mtlr    r5
        mtctr   r6
        mtxer   r7
        .irp    n, 0,1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,3
        ld      r\n, VCPU_GPR + 8 * \n(r3)
        .endr
        .global into_guest
into_guest:
        hrfid
        .size   guest_resume, . - guest_resume

# guest_exit: every vector of the host comes here, with r13 = the thread's block, r12 = the vector (| 2: HSRR0 and HSRR1 have pc and MSR);
# r12 is saved in the block, r13 in HSPRG1.
        .global guest_exit
        .type   guest_exit, @function
guest_exit:
        std     r10, T_R10(r13)
        std     r11, T_R11(r13)
        mfcr    r10
        std     r10, T_CR(r13)
        ld      r11, T_VCPU(r13)
        cmpdi   r11, 0
        beq     host_interrupted
        .irp    n, 0,1,2,3,4,5,6,7,8,9,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        std     r\n, VCPU_GPR + 8 * \n(r11)
        .endr
        mr      r31, r11
        ld      r3, T_R10(r13)
        ld      r4, T_R11(r13)
        ld      r5, T_R12(r13)
        mfspr   r6, SPR_HSPRG1
        std     r3, VCPU_GPR + 80(r31)
        std     r4, VCPU_GPR + 88(r31)
        std     r5, VCPU_GPR + 96(r31)
        std     r6, VCPU_GPR + 104(r31)
        ld      r3, T_CR(r13)
        mflr    r4
        mfctr   r5
        mfxer   r6
        std     r3, VCPU_CR(r31)
        std     r4, VCPU_LR(r31)
        std     r5, VCPU_CTR(r31)
        std     r6, VCPU_XER(r31)
        andi.   r0, r12, 2
        mfspr   r4, SPR_HSRR0
        mfspr   r5, SPR_HSRR1
        bne     1f
        mfsrr0  r4
        mfsrr1  r5
1:      clrrdi  r12, r12, 2
        load64  r6, 0xFFFFFFFF87C0FFFF          # the other bits say why the interrupt came
        and     r6, r6, r5
        std     r4, VCPU_PC(r31)
        std     r5, VCPU_REASON(r31)
        std     r6, VCPU_MSR(r31)
        std     r12, VCPU_TRAP(r31)
        ld      r1, T_STACK(r13)
        b       exit_in_real_mode
        .size   guest_exit, . - guest_exit

# guest_leave: the rest of the way out, for the vcpu in r31. guest_entry returns to the host.
        .global guest_leave
        .type   guest_leave, @function
guest_leave:
        bl      begin_exit
        mr      r3, r31
        bl      thread_out
guest_left:
        li      r0, 0
        std     r0, T_VCPU(r13)
        bl      core_out
guest_returns:
        .if     POWER7
        ld      r0, T_NUMBER(r13)
        cmpdi   r0, 0
        bne     secondary_back
        .endif
        ld      r0, 8(r1)
        mtcr    r0
        leave   14
        .size   guest_leave, . - guest_leave

# thread_out(r3 = vcpu), keeps r3: saves all of its state that guest_exit has not.
        .type   thread_out, @function
thread_out:
        each_spr store_spr
        mfdec   r4
        extsw   r4, r4
        mftb    r5
        add     r4, r4, r5
        std     r4, VCPU_DEC(r3)

        vectors_on
        .if     POWER7
        each_vector stxvd2x
        .else
        each_vector "", stfd, stvx
        .endif
        mffs    f0
        stfd    f0, VCPU_FPSCR(r3)
        mfvscr  v0
        li      r5, VCPU_VSCR
        stvx    v0, r3, r5

        addi    r4, r3, VCPU_SLB
        li      r5, SLB_ENTRIES
        mtctr   r5
        li      r6, 0
1:      slbmfee r7, r6
        slbmfev r8, r6
        std     r7, 0(r4)
        std     r8, 8(r4)
        addi    r4, r4, 16
        addi    r6, r6, 1
        bdnz    1b
        blr
        .size   thread_out, . - thread_out

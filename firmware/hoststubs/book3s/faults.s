# Storage interrupts of the partition: POWER7 gives them to the hypervisor, because the partition's storage is virtual (LPCR.VPM0, VPM1).
#
# The hardware found no entry, or one that does not permit the access. The host searches the table again, absent entries included:
# nothing there, or not permitted by the partition itself, is the partition's own interrupt; an absent entry is
# an access to a device, which user space has to perform.

# storage_interrupt: r31 = the vcpu, r12 = vector.
#     r30 status (HDSISR or HSRR1)   r29 address   r28 segment   r27 entry's index
        .type   storage_interrupt, @function
storage_interrupt:
        mr      r26, r12
        cmpwi   r12, hypervisor_instruction_storage_vector
        beq     1f
        mfspr   r30, SPR_HDSISR
        mfspr   r29, SPR_HDAR
        std     r30, VCPU_STATUS(r31)
        std     r29, VCPU_FAULT(r31)
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_DR
        b       2f
1:      ld      r30, VCPU_REASON(r31)
        load64  r3, 0x78000000                  # bits 33:36
        and     r30, r30, r3
        ld      r29, VCPU_PC(r31)
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_IR
        # What is neither a missing entry nor protection is nothing that the host has to do with.
2:      load64  r3, NO_TRANSLATION | PROTECTION
        and     r3, r3, r30
        mcrf    cr2, cr0
        cmpldi  r3, 0
        beq     partitions_own
        # With translation off, the virtual real mode area's segment; its addresses have 40 bits.
        load64  r28, VRMA_SEGMENT
        beq     cr2, 3f
        slbfee. r28, r29
        bne     partitions_own
        b       4f
3:      clrldi  r29, r29, 24

4:      mr      r3, r29
        mr      r4, r28
        bl      find_entry
        cmpdi   r3, -1
        mr      r27, r3
        beq     partitions_own
        bl      entry_address
        ld      r8, 0(r10)
        # Somebody else has made it valid meanwhile, perhaps.
        load64  r0, NO_TRANSLATION
        and.    r0, r30, r0
        beq     5f
        andi.   r0, r8, HPTE_VALID
        bne     resume
5:      # Does the partition itself permit the access?
        ld      r9, 0(r11)
        bl      refusal
        cmpldi  r3, 0
        beq     6f
        load64  r4, NO_TRANSLATION
        andc    r30, r30, r4
        or      r30, r30, r3
        b       partitions_own
        # An absent entry, or a valid one that only the host protects, which there is not.
6:      mr      r4, r26
        li      r3, TRACE_EXIT
        bl      trace
        cmpwi   r26, hypervisor_data_storage_vector
        beq     7f
        # Nothing can be fetched from a device's page.
        load64  r30, NO_EXECUTE
        b       partitions_own
7:      mr      r3, r27
        bl      entry_address
        ld      r8, 0(r10)
        ld      r9, 0(r11)
        bl      page_mask
        load64  r3, 0x0FFFFFFFFFFFF000
        andc    r3, r3, r7
        and     r3, r3, r9
        and     r4, r29, r7
        or      r3, r3, r4
        std     r3, VCPU_REAL(r31)
        # The instruction: with translation off it is where pc says. Else the partition's own translation finds it: its segments and its
        # page table are still in place, and data are translated in hypervisor state, too. Its class keys say nothing of fetches.
        ld      r4, VCPU_PC(r31)
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_IR
        bne     8f
        address r5, PARTITION
        clrldi  r4, r4, 24
        lwzx    r3, r4, r5
        b       9f
8:      mfspr   r7, SPR_AMR
        li      r6, 0
        mtspr   SPR_AMR, r6
        mfmsr   r5
        ori     r6, r5, MSR_DR
        mtmsrd  r6
        isync
        lwz     r3, 0(r4)
        mtmsrd  r5
        mtspr   SPR_AMR, r7
        isync
9:      std     r3, VCPU_WORD(r31)
        b       guest_leave
        .size   storage_interrupt, . - storage_interrupt

# The partition gets the interrupt that the hardware would have given it without the hypervisor.
partitions_own:
        cmpwi   r26, hypervisor_instruction_storage_vector
        beq     1f
        mfspr   r29, SPR_HDAR
        mtdar   r29
        mtdsisr r30
        li      r3, data_storage_vector
        li      r4, 0
        bl      interrupt_partition
        b       resume
1:      li      r3, instruction_storage_vector
        mr      r4, r30
        bl      interrupt_partition
        b       resume

# find_entry(r3 = address, r4 = segment) -> r3 = index of the entry, valid or absent; -1: none. (Book III-S, 5.7.7.3)
        .type   find_entry, @function
find_entry:
        enter   20
        mr      r29, r3
        mr      r28, r4
        li      r27, 12                         # log2 of the page size
        li      r26, 0                          # L of the entry
        andi.   r0, r28, 0x100
        beq     1f
        li      r26, HPTE_LARGE
        li      r27, 24
        andi.   r0, r28, 0x10
        beq     1f
        li      r27, 16
        # The hash, and the abbreviated virtual page number.
1:      rldicl. r0, r28, 2, 62
        bne     2f
        rldicl  r25, r28, 64 - 12, 14           # VSID of 50 bits, segment of 256 MB
        clrldi  r3, r29, 36
        clrrdi  r24, r28, 12
        rldicl  r5, r29, 64 - 23, 59
        b       3f
2:      rldicl  r25, r28, 64 - 24, 26           # VSID of 38 bits, segment of 1 TB
        sldi    r5, r25, 25
        xor     r25, r25, r5
        clrldi  r3, r29, 24
        clrrdi  r24, r28, 24
        rldicl  r5, r29, 64 - 23, 47
3:      srd     r3, r3, r27
        xor     r25, r25, r3
        sldi    r5, r5, 7
        or      r24, r24, r5
        or      r24, r24, r26
        # What is compared: B, AVA, L, H; the last bit of AVA lies within a page of 16 MB.
        load64  r23, 0xFFFFFFFFFFFFFF86
        cmpwi   r27, 24
        bne     4f
        li      r0, 0x80
        andc    r23, r23, r0
4:      li      r22, 0                          # H: the first group, then the second
5:      load64  r0, TABLE_GROUPS - 1
        and     r21, r25, r0
        sldi    r21, r21, 3
        li      r20, 8
6:      mr      r3, r21
        bl      entry_address
        ld      r8, 0(r10)
        andi.   r0, r8, HPTE_VALID | HPTE_ABSENT
        beq     7f
        or      r0, r24, r22
        xor     r0, r0, r8
        and.    r0, r0, r23
        bne     7f
        # LP has to say the same size.
        ld      r9, 0(r11)
        bl      page_mask
        li      r5, 1
        sld     r5, r5, r27
        addi    r5, r5, -1
        cmpd    r5, r7
        beq     8f
7:      addi    r21, r21, 1
        addi    r20, r20, -1
        cmpwi   r20, 0
        bne     6b
        not     r25, r25
        cmpwi   r22, 0
        li      r22, HPTE_SECONDARY
        beq     5b
        li      r21, -1
8:      mr      r3, r21
        leave   20
        .size   find_entry, . - find_entry

# refusal(r9 = second doubleword) -> r3 = why the partition does not permit the access of storage_interrupt (r26, r28, r30), 0 if it does.
        .type   refusal, @function
refusal:
        # The key: Kp of the segment in problem state, Ks otherwise.
        ld      r3, VCPU_MSR(r31)
        andi.   r0, r3, MSR_PR
        rldicl  r4, r28, 64 - 11, 63
        beq     1f
        rldicl  r4, r28, 64 - 10, 63
1:      sldi    r4, r4, 3
        rldicl  r5, r9, 3, 61                   # PP0 ...
        rlwinm  r5, r5, 0, 0x4
        or      r4, r4, r5
        rlwimi  r4, r9, 0, 0x3                  # ... and PP
        address r5, permissions
        lbzx    r5, r5, r4
        cmpwi   r26, hypervisor_instruction_storage_vector
        bne     2f
        andi.   r0, r9, 0xC                     # no-execute or guarded
        load64  r3, NO_EXECUTE
        bnelr
        b       3f
2:      load64  r0, IS_STORE
        and.    r0, r0, r30
        beq     3f
        srwi    r5, r5, 1
3:      andi.   r5, r5, 1
        load64  r3, PROTECTION
        beqlr
        # Class keys: two bits of AMR for each, the first denies stores, the second loads; not with translation off.
        li      r3, 0
        cmpwi   r26, hypervisor_instruction_storage_vector
        beqlr
        ld      r4, VCPU_MSR(r31)
        andi.   r0, r4, MSR_DR
        beqlr
        rldicl  r4, r9, 4, 62
        rlwinm  r5, r9, 23, 0x7
        sldi    r4, r4, 3
        or      r4, r4, r5
        sldi    r4, r4, 1
        load64  r0, IS_STORE
        and.    r0, r0, r30
        bne     4f
        addi    r4, r4, 1
4:      mfspr   r5, SPR_AMR
        sld     r5, r5, r4
        cmpdi   r5, 0
        bgelr
        load64  r3, CLASS_KEY
        blr
        .size   refusal, . - refusal

        .section .rodata, "a"
# By key, PP0, PP: 1 loads, 2 stores.
permissions:
        .byte   3, 3, 3, 1, 0, 0, 1, 0
        .byte   0, 1, 3, 1, 0, 0, 0, 0
        .text

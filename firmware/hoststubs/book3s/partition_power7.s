# The partition's registers of a POWER7 core. LPID 0x3FF is reserved for a core that is between two partitions.
#
# With RMA its real mode is offset and limit (RMOR, LPCR.RMLS) instead of a virtual real mode area (VRMA) in its page table.

        .ifndef RMA
        .equ    RMA, 0
        .endif

        .equ    BETWEEN, 0x3FF
        # DPFD = 4; PECE0, PECE1: what ends a nap; HDICE; LPES0 = 0: external interrupts are the host's, LPES1 = 1: all others are not.
        .equ    LPCR_COMMON, 4 * (LPCR_DPFD & -LPCR_DPFD) | LPCR_PECE0 | LPCR_PECE1
        .if     RMA
        # VPM1: storage is virtual with translation on; limit selector 4: 256 MB.
        .equ    LPCR_PARTITION, LPCR_COMMON | LPCR_VPM1 | 4 * (LPCR_RMLS & -LPCR_RMLS) | LPCR_LPES1 | LPCR_HDICE
        .equ    REAL_MODE_OFFSET, PARTITION
        .else
        # VPM0, VPM1: storage is virtual in both modes; VRMASD: the virtual real mode area has pages of 16 MB.
        .equ    LPCR_PARTITION, LPCR_COMMON | LPCR_VPM0 | LPCR_VPM1 | LPCR_VRMASD_L | LPCR_LPES1 | LPCR_HDICE
        .equ    REAL_MODE_OFFSET, 0             # of no use while VPM0 is one
        .endif
        .equ    VRMA_VSID, 0x1FFFFFF
        .equ    VRMA_SEGMENT, 1 << 62 | VRMA_VSID << 24 | 0x100 # as an SLB entry would have it: 1 TB, large pages

# partition_in, keeps r3: what the threads of the core share.
        .type   partition_in, @function
partition_in:
        li      r4, BETWEEN
        mtspr   SPR_LPIDR, r4
        address r4, PAGE_TABLE + TABLE_ORDER - 18
        mtspr   SPR_SDR1, r4
        li      r4, LPID
        mtspr   SPR_LPIDR, r4
        address r4, REAL_MODE_OFFSET
        mtspr   SPR_RMOR, r4
        address r4, hypervisor_time
        lwz     r4, 0(r4)
        mtspr   SPR_HDEC, r4
        isync
        blr
        .size   partition_in, . - partition_in

# control_in(r3 = vcpu), keeps r3: the thread's own.
        .type   control_in, @function
control_in:
        load64  r4, LPCR_PARTITION
        # A vcpu that waits for an external interrupt leaves as soon as it can take one.
        ld      r5, VCPU_EXTERNAL(r3)
        cmpdi   r5, 0
        beq     1f
        ori     r4, r4, LPCR_MER
1:      mtspr   SPR_LPCR, r4
        isync
        blr
        .size   control_in, . - control_in

# partition_out: the core is nobody's; the host needs no page table.
        .type   partition_out, @function
partition_out:
        li      r4, BETWEEN
        mtspr   SPR_LPIDR, r4
        li      r4, 0
        mtspr   SPR_SDR1, r4
        mtspr   SPR_LPIDR, r4
        isync
        blr
        .size   partition_out, . - partition_out

# partition_init: a page table with the virtual real mode area, if there is one, in it: an entry in slot 7 of its group for each 16 MB.
        .type   partition_init, @function
partition_init:
        load64  r4, LPCR_COMMON
        mtspr   SPR_LPCR, r4
        .if     !RMA
        li      r4, 0
1:      load64  r5, VRMA_VSID & (TABLE_GROUPS - 1)
        xor     r5, r5, r4                      # hash of page and VSID
        sldi    r5, r5, 7
        addi    r5, r5, 7 * 16
        address r6, PAGE_TABLE
        add     r6, r6, r5
        srdi    r5, r5, 1
        address r7, KEPT
        add     r7, r7, r5
        load64  r8, VRMA_SEGMENT & ~0xFFF | HPTE_BOLTED | HPTE_LARGE | HPTE_VALID
        sldi    r5, r4, 8
        or      r8, r8, r5
        sldi    r9, r4, 24
        ori     r9, r9, HPTE_RECORDED | 0x10    # memory coherent
        std     r9, 0(r7)
        address r5, PARTITION
        add     r9, r9, r5
        std     r9, 8(r6)
        std     r8, 0(r6)
        addi    r4, r4, 1
        cmpdi   r4, PARTITION_SIZE >> 24
        blt     1b
        .endif
        blr
        .size   partition_init, . - partition_init

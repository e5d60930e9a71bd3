# The partition's hashed page table, as it asks for it: H_ENTER, H_REMOVE, H_READ, H_PROTECT, H_BULK_REMOVE (PAPR 14.5.4.1).
#
# The table has the host's real addresses. What the partition gave as second doubleword is kept beside it (KEPT), and shown
# to it with the R and C that the hardware has recorded. A page that is no memory becomes an entry that is ABSENT: for the
# hardware there is none, so that an access to it comes to the host (faults.s).

        .equ    PROTECTION_BITS, 0xB000000000000E07 # PP0, key, N, PP

# entry_address(r3 = index) -> r10 = the entry, r11 = its second doubleword as the partition gave it; cr0 says "below" if there is such
# an entry. Changes nothing else.
        .type   entry_address, @function
entry_address:
        sldi    r10, r3, 4
        sldi    r11, r3, 3
        address r0, PAGE_TABLE
        add     r10, r10, r0
        address r0, KEPT
        add     r11, r11, r0
        load64  r0, TABLE_ENTRIES
        cmpld   r3, r0
        blr
        .size   entry_address, . - entry_address

# shown(r10, r11 = an entry) -> r8, r9 = as the partition sees it: valid where it is absent.
        .type   shown, @function
shown:
        ld      r8, 0(r10)
        ld      r9, 8(r10)
        andi.   r0, r8, HPTE_VALID | HPTE_ABSENT
        beq     1f
        andi.   r9, r9, HPTE_RECORDED
        ld      r0, 0(r11)
        or      r9, r9, r0
1:      li      r0, ~HPTE_HVLOCK
        and     r8, r8, r0
        andi.   r0, r8, HPTE_ABSENT
        beqlr
        xori    r8, r8, HPTE_ABSENT
        ori     r8, r8, HPTE_VALID
        blr
        .size   shown, . - shown

# matches(r4 = flags, r5 = what to compare, r10 = an entry): cr0 says "equal" if it is in use and as H_AVPN and H_ANDCOND ask.
        .type   matches, @function
matches:
        ld      r0, 0(r10)
        andi.   r7, r0, HPTE_VALID | HPTE_ABSENT
        cmpwi   r7, 0
        beq     2f
        rlwinm. r7, r4, 0, H_ANDCOND
        beq     1f
        and.    r7, r0, r5
        bnelr
1:      rlwinm. r7, r4, 0, H_AVPN
        beqlr
        clrrdi  r0, r0, 7
        cmpd    r0, r5
        blr
2:      cmpwi   r10, -1                         # not equal
        blr
        .size   matches, . - matches

# page_mask(r8, r9 = both doublewords) -> r7 = bytes of the page less one, or 0 for a size that there is not.
        .type   page_mask, @function
page_mask:
        li      r7, 0xFFF
        andi.   r0, r8, HPTE_LARGE
        beqlr
        rlwinm  r0, r9, 0, 0xF000
        lis     r7, 1                           # 64 KB
        addi    r7, r7, -1
        cmpwi   r0, 0x1000
        beqlr
        rlwinm. r0, r9, 0, 0xFF000
        lis     r7, 0x100                       # 16 MB
        addi    r7, r7, -1
        beqlr
        li      r7, 0
        blr
        .size   page_mask, . - page_mask

        .type   h_enter, @function
h_enter:
        enter   28
        argument r4, 4
        argument r3, 5
        argument r8, 6
        argument r9, 7
        bl      page_mask
        cmpdi   r7, 0
        beq     parameter
        bl      entry_address
        bge     parameter
        # Where the page is: memory, or nowhere.
        andc    r6, r9, r7
        sldi    r6, r6, 4                       # the page number is in bits 4:51
        srdi    r6, r6, 4
        clrrdi  r6, r6, 12
        load64  r0, PARTITION_SIZE
        cmpld   cr1, r6, r0
        .if     !POWER7
        bge     cr1, parameter                  # the 970 could not be told of an access to it
        .endif

        # Where the entry goes: exactly there, or the first free one of its group.
        rldicl. r0, r4, 64 - 39, 63             # H_EXACT
        bne     2f
        clrrdi  r3, r3, 3
        li      r5, 8
        mtctr   r5
1:      bl      entry_address
        ld      r0, 0(r10)
        andi.   r0, r0, HPTE_VALID | HPTE_ABSENT
        beq     3f
        addi    r3, r3, 1
        bdnz    1b
        b       4f
2:      ld      r0, 0(r10)
        andi.   r0, r0, HPTE_VALID | HPTE_ABSENT
        bne     4f

3:      load64  r0, ~(HPTE_VALID | HPTE_ABSENT | HPTE_HVLOCK)
        and     r8, r8, r0
        std     r9, 0(r11)
        blt     cr1, 5f
        load64  r0, 0x3000000000000E00          # key 31, which no operating system lets pass
        or      r9, r9, r0
        ori     r8, r8, HPTE_ABSENT
        b       6f
5:      # Memory is cacheable, whatever the partition thinks that it maps.
        andi.   r0, r9, 0x28
        beq     7f
        li      r0, 0x68
        andc    r9, r9, r0
        ori     r9, r9, 0x10
7:      load64  r0, 0x0FFFFFFFFFFFF000
        andc    r0, r0, r7
        andc    r9, r9, r0
        or      r9, r9, r6
        address r0, PARTITION
        add     r9, r9, r0
        ori     r8, r8, HPTE_VALID
6:      std     r9, 8(r10)
        eieio                                   # the valid bit comes last
        std     r8, 0(r10)
        ptesync
        result  4, r3
        li      r3, H_SUCCESS
        leave   28
4:      li      r3, H_PTEG_FULL
        leave   28
parameter:
        li      r3, H_PARAMETER
        leave   28
        .size   h_enter, . - h_enter

        .type   h_remove, @function
h_remove:
        enter   28
        argument r4, 4
        argument r3, 5
        argument r5, 6
        bl      entry_address
        bge     parameter
        bl      matches
        bne     not_found
        bl      shown
        result  4, r8
        result  5, r9
        bl      forget
        li      r3, H_SUCCESS
        leave   28
not_found:
        li      r3, H_NOT_FOUND
        leave   28
        .size   h_remove, . - h_remove

# forget(r10 = an entry): it is free, and no core remembers what it said. (RB of tlbie names the page; one that names too little is
# enough where all translations go.)
        .type   forget, @function
forget:
        li      r0, 0
        std     r0, 0(r10)
        .size   forget, . - forget
        .type   flush, @function
flush:
        ptesync
        li      r7, 0
        .if     POWER7
        li      r6, LPID
        tlbie   r7, r6
        .else
        tlbie   r7
        .endif
        eieio
        tlbsync
        ptesync
        blr
        .size   flush, . - flush

        .type   h_read, @function
h_read:
        enter   28
        argument r4, 4
        argument r3, 5
        bl      entry_address
        bge     parameter
        rldicl. r0, r4, 64 - 37, 63             # H_READ_4
        li      r5, 1
        beq     1f
        clrrdi  r3, r3, 2
        li      r5, 4
1:      mtctr   r5
        addi    r6, r31, VCPU_GPR + 32
2:      bl      entry_address
        bl      shown
        std     r8, 0(r6)
        std     r9, 8(r6)
        addi    r6, r6, 16
        addi    r3, r3, 1
        bdnz    2b
        li      r3, H_SUCCESS
        leave   28
        .size   h_read, . - h_read

        .type   h_protect, @function
h_protect:
        enter   28
        argument r4, 4
        argument r3, 5
        argument r5, 6
        bl      entry_address
        bge     parameter
        mr      r28, r4
        lis     r0, H_ANDCOND >> 16             # of no meaning here
        andc    r4, r4, r0
        bl      matches
        bne     not_found
        # The new protection stands in the flags; PP0 and the key's first bits are shifted down there.
        sldi    r4, r28, 55
        load64  r0, 1 << 63
        and     r4, r4, r0
        sldi    r5, r28, 48
        load64  r0, 3 << 60
        and     r5, r5, r0
        or      r4, r4, r5
        andi.   r5, r28, 0xE07
        or      r4, r4, r5
        load64  r6, PROTECTION_BITS
        ld      r5, 0(r11)
        andc    r5, r5, r6
        or      r5, r5, r4
        std     r5, 0(r11)
        ld      r5, 0(r10)
        andi.   r0, r5, HPTE_VALID
        beq     1f                              # an absent entry keeps key 31
        ld      r5, 8(r10)
        andc    r5, r5, r6
        or      r5, r5, r4
        std     r5, 8(r10)
1:      bl      flush
        li      r3, H_SUCCESS
        leave   28
        .size   h_protect, . - h_protect

# Up to four requests, each in a pair of registers; the reply replaces the first one's top byte.
        .type   h_bulk_remove, @function
h_bulk_remove:
        enter   26
        addi    r30, r31, VCPU_GPR + 32
        li      r29, 4
1:      ld      r28, 0(r30)
        ld      r5, 8(r30)
        srdi    r3, r28, 62
        cmpwi   r3, 3                           # the end
        beq     5f
        li      r26, 0xA0
        rldicl  r27, r28, 8, 62                 # bits 6:7: 0 absolute, 1 andcond, 2 avpn
        cmpwi   r3, 1
        bne     3f
        cmpwi   r27, 3
        beq     3f
        clrldi  r3, r28, 8
        bl      entry_address
        bge     3f
        lis     r4, H_ANDCOND >> 16
        cmpwi   r27, 1
        beq     2f
        li      r4, 0
        cmpwi   r27, 2
        bne     2f
        load64  r4, H_AVPN
2:      bl      matches
        li      r26, 0x90
        bne     3f
        bl      shown
        andi.   r9, r9, HPTE_RECORDED
        srdi    r9, r9, 5
        ori     r26, r9, 0x80
        bl      forget
3:      clrldi  r28, r28, 8
        or      r27, r27, r26
        rldimi  r28, r27, 56, 0
        std     r28, 0(r30)
        andi.   r0, r26, 0x20
        bne     4f
        addi    r30, r30, 16
        addi    r29, r29, -1
        cmpwi   r29, 0
        bne     1b
5:      li      r3, H_SUCCESS
        leave   26
4:      li      r3, H_PARAMETER
        leave   26
        .size   h_bulk_remove, . - h_bulk_remove

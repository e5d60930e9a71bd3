# The page table calls that a kernel makes in bulk: a group that fills up, four entries read at once, removals with conditions, keys.
#
# A group has eight entries; without H_EXACT the first free one is taken. H_BULK_REMOVE takes up to four requests, each in a pair of
# registers, and answers in the first of the pair: 0x80 removed, 0x90 not found, 0xA0 a mistake, with R and C (PAPR 14.5.4.1.7).

        .text
        .equ    GROUP, 0x1000                   # index of a group's first entry
        .equ    FIRST, 0x0000000000456081       # valid; the abbreviated page number's last bit is set
        .equ    AVPN, 0x0000000000456080
        .equ    SECOND, 0x0000000000200012
        .equ    RECORDED, 0x180                 # R and C
        .equ    DEVICE, 0x8000000000
        .equ    REQUEST, 0x40
        .equ    BULK_AVPN, 0x42
        .equ    BULK_ANDCOND, 0x41
        .equ    END, 0xC0
        .equ    MISTAKE, 0x43

        .include "../lib/power_guest.s"

        main_begins

        # Eight pages fit, from the first entry on; the ninth does not, nor does an entry beyond the table.
        li      r28, 0
1:      li      r3, H_ENTER
        li      r4, 0
        load64  r5, GROUP + 5
        load64  r6, FIRST
        load64  r7, SECOND
        sldi    r8, r28, 12
        add     r7, r7, r8
        sc      1
        check   1, r3, H_SUCCESS
        load64  r8, GROUP
        sub     r4, r4, r8
        cmpd    r4, r28
        li      r31, 2
        bne     failed
        addi    r28, r28, 1
        cmpwi   r28, 8
        blt     1b
        enter_page 0, GROUP, FIRST, SECOND
        check   3, r3, H_PTEG_FULL
        enter_page 0, 0x10000000, FIRST, SECOND
        check   4, r3, H_PARAMETER

        # Four entries at once, from a multiple of four.
        li      r3, H_READ
        load64  r4, H_READ_4
        load64  r5, GROUP + 2
        sc      1
        check   5, r3, H_SUCCESS
        check   6, r5, SECOND
        check   7, r7, SECOND + 0x1000
        check   8, r9, SECOND + 0x2000
        check   9, r11, SECOND + 0x3000

        # A removal only if no bit of the condition is set; only if the page is this one.
        remove_page H_ANDCOND, GROUP, 0x80
        check   10, r3, H_NOT_FOUND
        remove_page H_AVPN, GROUP, AVPN + 0x80
        check   11, r3, H_NOT_FOUND
        remove_page H_AVPN, GROUP, AVPN
        check   12, r3, H_SUCCESS
        check   13, r5, SECOND

        # In bulk: one that is there, one that is another page, one whose condition holds it, and the end.
        load64  r3, H_BULK_REMOVE
        load64  r4, REQUEST << 56 | (GROUP + 1)
        li      r5, 0
        load64  r6, BULK_AVPN << 56 | (GROUP + 2)
        li      r7, 0
        load64  r8, BULK_ANDCOND << 56 | (GROUP + 3)
        li      r9, 0x80
        load64  r10, END << 56
        li      r11, 0
        sc      1
        check   14, r3, H_SUCCESS
        check   15, r4, 0x80 << 56 | (GROUP + 1)
        check   16, r6, 0x92 << 56 | (GROUP + 2)
        check   17, r8, 0x91 << 56 | (GROUP + 3)
        li      r3, H_READ
        li      r4, 0
        load64  r5, GROUP + 2
        sc      1
        check   18, r5, SECOND + 0x2000
        # A mistake ends it; what is behind is not looked at. R and C come with what is removed.
        enter_page H_EXACT, GROUP, FIRST, SECOND + RECORDED
        load64  r3, H_BULK_REMOVE
        load64  r4, REQUEST << 56 | GROUP
        li      r5, 0
        load64  r6, MISTAKE << 56 | (GROUP + 2)
        li      r7, 0
        load64  r8, REQUEST << 56 | (GROUP + 3)
        li      r9, 0
        sc      1
        check   19, r3, H_PARAMETER
        check   20, r4, 0x8C << 56 | GROUP
        check   21, r6, 0xA3 << 56 | (GROUP + 2)
        check   22, r8, REQUEST << 56 | (GROUP + 3)

        # Protection: PP and N where an entry has them, PP0 and the key's first bits shifted down; R and C stay.
        enter_page H_EXACT, GROUP, FIRST, SECOND + RECORDED
        li      r3, H_PROTECT
        load64  r4, H_AVPN | 0x100 | 0x3000 | 0x404
        load64  r5, GROUP
        load64  r6, AVPN
        sc      1
        check   23, r3, H_SUCCESS
        li      r3, H_READ
        li      r4, 0
        load64  r5, GROUP
        sc      1
        check   24, r5, 0xB000000000200010 + 0x404 + RECORDED
        li      r3, H_PROTECT
        load64  r4, H_AVPN
        load64  r5, GROUP
        load64  r6, AVPN + 0x100
        sc      1
        check   25, r3, H_NOT_FOUND

        # A device's page is an entry like any other, also when it is protected and removed.
        remove_page 0, GROUP, 0
        enter_page H_EXACT, GROUP, FIRST, DEVICE + 0x2A
        check   26, r3, H_SUCCESS
        li      r3, H_PROTECT
        li      r4, 3
        load64  r5, GROUP
        li      r6, 0
        sc      1
        enter_page H_EXACT, GROUP, FIRST, SECOND
        check   27, r3, H_PTEG_FULL
        remove_page 0, GROUP, 0
        check   28, r3, H_SUCCESS
        without_lock r4
        check   29, r4, FIRST
        check   30, r5, DEVICE + 0x2B

        # Pages: copied, zeroed, and not where no page is.
        load64  r28, 0x300000
        load64  r27, 0x1122334455667788
        std     r27, 0x7F8(r28)
        li      r3, H_PAGE_INIT
        li      r4, H_COPY_PAGE
        load64  r5, 0x301000
        mr      r6, r28
        sc      1
        check   31, r3, H_SUCCESS
        ld      r4, 0x17F8(r28)
        check   32, r4, 0x1122334455667788
        li      r3, H_PAGE_INIT
        load64  r4, H_ZERO_PAGE
        mr      r5, r28
        li      r6, 0
        sc      1
        ld      r4, 0x7F8(r28)
        check   33, r4, 0
        li      r3, H_PAGE_INIT
        load64  r4, H_ZERO_PAGE
        addi    r5, r28, 8
        sc      1
        check   34, r3, H_PARAMETER
        li      r3, H_PAGE_INIT
        load64  r4, H_COPY_PAGE
        mr      r5, r28
        load64  r6, DEVICE
        sc      1
        check   35, r3, H_PARAMETER

        # To give the processor away: to one that there is, or to anybody. And what nobody answers.
        li      r3, H_CONFER
        li      r4, -1
        li      r5, 0
        sc      1
        check   36, r3, H_SUCCESS
        li      r3, H_CONFER
        li      r4, 77
        li      r5, 0
        sc      1
        check   37, r3, H_PARAMETER
        li      r3, H_PUT_TCE
        load64  r4, 0x12345678
        li      r5, 0
        li      r6, 0
        sc      1
        check   38, r3, H_PARAMETER

        # A call is an interrupt: it leaves where it came from, and MSR, in SRR0 and SRR1.
        li      r4, 0
        mtsrr0  r4
        mtsrr1  r4
        li      r3, H_READ
        li      r4, 0
        li      r5, 0
        sc      1
called: address r6, called
        mfsrr0  r7
        li      r31, 39
        cmpd    r6, r7
        bne     failed
        mfsrr1  r6
        mfmsr   r7
        li      r31, 40
        cmpd    r6, r7
        bne     failed

        main_ends

        guest_is power_table

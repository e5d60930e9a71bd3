# A real mode area: offset and limit (a PowerPC 970's in HID4, POWER7's in RMOR and LPCR) instead of a virtual real mode area.
#
# In real mode an address is what the partition sees, up to a limit: beyond it the access is a storage interrupt of the partition's own. The
# 970 cannot tell its hypervisor of an access to a page that is not there, so that H_ENTER refuses such a page; POWER7 can: the page of a
# device is entered, and works. POWER7 is 1 for that one.

        .text
        .equ    LIMIT, 0x10000000               # the machine's memory, 256 MB, is the area
        .equ    DEVICE, 0x8000000000
        .equ    INDEX, 0x918
        .equ    FIRST, 0x0000000000123001
        .equ    WINDOW, 0xD0000000
        .equ    VSID, 0x123
        .equ    PROTECTION, 0x08000000
        .equ    IS_STORE, 0x02000000

        .include "../lib/power_guest.s"

        main_begins

        # All of the area is memory, to the last doubleword.
        load64  r28, LIMIT - 8
        std     r28, 0(r28)
        ld      r27, 0(r28)
        check   1, r27, LIMIT - 8

        # Behind it: a load, a store, a fetch.
        handle  on_data_storage, missed
        li      r27, 0
        load64  r28, LIMIT
        address r26, 1f
        ld      r25, 0(r28)
1:      check   2, r27, PROTECTION
        mfdar   r3
        check   3, r3, LIMIT
        address r26, 2f
        std     r25, 16(r28)
2:      check   4, r27, PROTECTION | IS_STORE
        mfdar   r3
        check   5, r3, LIMIT + 16
        handle  on_instruction_storage, fetched
        address r26, 3f
        mtctr   r28
        bctr
3:      check   6, r27, PROTECTION

        # The same page with translation, by way of the page table; a device's page, which is none here.
        enter_page H_EXACT, INDEX, FIRST, 0x200012
        check   7, r3, H_SUCCESS
        segment 1, WINDOW, VSID
        load64  r28, WINDOW
        bl      data_translation_on
        std     r28, 0(r28)
        bl      data_translation_off
        load64  r27, 0x200000
        ld      r27, 0(r27)
        check   8, r27, WINDOW
        remove_page 0, INDEX, 0
        check   9, r3, H_SUCCESS
        enter_page H_EXACT, INDEX, FIRST, DEVICE | 0x2A
        .if     POWER7
        check   10, r3, H_SUCCESS
        load64  r28, WINDOW
        bl      data_translation_on
        lbz     r27, 5(r28)                     # the serial port's line status: it can send
        bl      data_translation_off
        check   12, r27, 0x60
        remove_page 0, INDEX, 0
        check   13, r3, H_SUCCESS
        .else
        check   10, r3, H_PARAMETER
        enter_page H_EXACT, INDEX, FIRST, LIMIT | 0x12
        check   11, r3, H_PARAMETER
        .endif

        main_ends

        # r27 = why; on at r26.
missed: mfdsisr r27
        b       1f
fetched:
        mfsrr1  r27
        load64  r3, 0x78000000
        and     r27, r27, r3
1:      mtsrr0  r26
        mfsprg  r3, 1
        rfid

        .if     POWER7
        guest_is power7_rma
        .else
        guest_is power_rma
        .endif

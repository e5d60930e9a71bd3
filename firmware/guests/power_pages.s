# Pages that are no whole pages, and fetches from where no memory is.
#
# A page can be mapped where a memory slot consists of such pages. One that a slot holds only in part is a mistake (H_PARAMETER): it
# is neither memory nor a device. A page that no slot holds is a device's: loads and stores of it leave for user space, but
# nothing can be fetched from it, and the partition takes its own instruction storage interrupt.

        .text
        .equ    RAM, 0x10000000                 # the machine's memory: 256 MB, whole pages of every size
        .equ    VSID, 0x123
        .equ    FIRST, 0x0000000000123001       # virtual segment 0x123, page 0, valid, 4 KB
        .equ    LARGE, 0x0000000000123005       # the same, a large page
        .equ    INDEX, 0x918
        .equ    DEVICE, 0x8000000000            # the serial port
        .equ    WINDOW, 0xD0000000
        .equ    REFERENCED, 0x100
        .equ    CHANGED, 0x80
        .equ    SRR1_CAUSES, 0x7FFF0000
        .equ    NO_EXECUTE_OR_GUARDED, 0x10000000

        .include "../lib/power_guest.s"

        .macro  enter second, first = FIRST
        enter_page H_EXACT, INDEX, \first, \second
        .endm
        .macro  remove
        remove_page 0, INDEX, 0
        .endm

        main_begins

        # Whole large pages of memory, of 16 MB and of 64 KB.
        enter   0x1000192, LARGE
        check   1, r3, H_SUCCESS
        remove
        check   2, r3, H_SUCCESS
        check   3, r5, 0x1000192
        enter   0x21192, LARGE
        check   4, r3, H_SUCCESS
        remove
        check   5, r5, 0x21192

        # A size that there is not.
        enter   0x2192, LARGE
        check   6, r3, H_PARAMETER

        # The end of memory: the last page is one, the next is a device's.
        enter   RAM - 0x1000 + 0x192
        check   7, r3, H_SUCCESS
        remove
        enter   RAM + 0x1B8
        check   8, r3, H_SUCCESS
        remove
        check   9, r5, RAM + 0x1B8

        # The hardware records that a page was read, and written; the partition sees that.
        segment 1, WINDOW, VSID
        enter   0x200012
        load64  r28, WINDOW
        bl      data_translation_on
        ld      r27, 0(r28)
        bl      data_translation_off
        bl      read
        check   14, r5, 0x200012 + REFERENCED
        bl      data_translation_on
        std     r28, 8(r28)
        bl      data_translation_off
        bl      read
        check   15, r5, 0x200012 + REFERENCED + CHANGED
        load64  r27, 0x200000
        ld      r27, 8(r27)
        check   16, r27, WINDOW
        remove
        check   17, r5, 0x200012 + REFERENCED + CHANGED

        # A device's page, guarded or not: a fetch is the partition's own interrupt.
        handle  on_instruction_storage, fetched
        enter   DEVICE + 0x192
        check   10, r3, H_SUCCESS
        li      r28, 0
again:  load64  r3, WINDOW
        mfmsr   r4
        ori     r4, r4, MSR_IR
        mtsrr0  r3
        mtsrr1  r4
        li      r31, 11
        rfid

fetched:
        mfsrr0  r4
        check   12, r4, WINDOW
        mfsrr1  r4
        load64  r5, SRR1_CAUSES
        and     r4, r4, r5
        check   13, r4, NO_EXECUTE_OR_GUARDED
        cmpwi   r28, 0
        bne     done
        # Once more with a page that is guarded by the partition itself.
        remove
        enter   DEVICE + 0x1BA
        li      r28, 1
        b       again

done:   remove
        main_ends

read:   li      r3, H_READ
        li      r4, 0
        li      r5, INDEX
        sc      1
        blr

        guest_is power_pages

# Translation control entries: by which addresses the devices of an I/O bus reach memory.
#
# H_PUT_TCE sets the entry of one page of 4 KB of a bus's window (PAPR 14.5.4.2). The hypervisor answers it in real mode for a bus that
# has a table; what lies outside the window is H_PARAMETER, and a bus that is not there H_FUNCTION or H_PARAMETER.

        .text
        .equ    BUS, 0x80000000                 # the machine's first I/O bus
        .equ    WINDOW, 0x40000000              # it has 1 GB
        .equ    READ_WRITE, 3

        .include "../lib/power_guest.s"

        .macro  put_tce bus, address, entry
        li      r3, H_PUT_TCE
        load64  r4, \bus
        load64  r5, \address
        load64  r6, \entry
        sc      1
        .endm

        main_begins
        # The first page of the window, its last one, and one in between whose address is not its first byte.
        put_tce BUS, 0, 0x200000 | READ_WRITE
        check   1, r3, H_SUCCESS
        put_tce BUS, WINDOW - 0x1000, 0x201000 | READ_WRITE
        check   2, r3, H_SUCCESS
        put_tce BUS, 0x5008, 0x202000 | 1
        check   3, r3, H_SUCCESS
        # The call's arguments are what they were.
        check   4, r5, 0x5008
        check   5, r6, 0x202000 | 1

        # Behind the window.
        put_tce BUS, WINDOW, 0
        check   6, r3, H_PARAMETER
        put_tce BUS, 0xFFFFFFFFFFFFF000, 0
        check   7, r3, H_PARAMETER
        # Taken back.
        put_tce BUS, 0, 0
        check   8, r3, H_SUCCESS

        main_ends

        guest_is power_tce

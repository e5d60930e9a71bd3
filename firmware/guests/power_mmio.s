# A load and a store to a page that is not memory: the entry is absent, the hypervisor emulates the access.
#
# H_ENTER of a page outside every memory slot leaves an entry without its valid bit: the hypervisor has put its own ABSENT bit
# there instead. An access through it cannot be translated, so the core takes a hypervisor data storage interrupt, and the
# hypervisor finds the absent entry and lets its user space play the device, here a serial port.
# The partition sees none of this: its load returns, and H_READ shows the entry as valid.

        .text
        .equ    UART, 0x8000000000              # the machine's serial port, beyond every memory slot
        .equ    LSR, 5                          # its line status register
        .equ    LSR_EMPTY, 0x60                 # transmitter empty
        .equ    WINDOW, 0xD0000000              # effective address of the page, in segment 0xD
        .equ    VSID, 0x123
        .equ    INDEX, 0x918                    # hash VSID ^ page, times eight entries a group
        .equ    FIRST, 0x0000000000123011       # valid; bolted, which is the partition's own business
        .equ    SECOND, UART | 0x2A             # caching inhibited, guarded, read and write

        .include "../lib/power_guest.s"

        main_begins

        # A segment for the window: ESID 0xD valid in SLB entry 1, VSID as above.
        segment 1, WINDOW, VSID

        # Without an entry for the page, a load is the partition's own data storage interrupt: nothing to emulate.
        handle  on_data_storage, missing
        lis     r28, WINDOW@h
        rldicl  r28, r28, 0, 32                 # addresses are unsigned; lis has extended the sign
        bl      data_translation_on
        li      r31, 1
probe:  lbz     r27, LSR(r28)
        bl      data_translation_off
        b       failed                          # the load must not have returned

missing:
        # In the handler, real mode: the interrupt must name the address and "no entry".
        mfdar   r4
        check   2, r4, WINDOW + LSR
        mfdsisr r4
        check   3, r4, 0x40000000

        # Now enter the page.
        li      r3, H_ENTER
        load64  r4, H_EXACT
        li      r5, INDEX
        load64  r6, FIRST
        load64  r7, SECOND
enter:  sc      1
        check   4, r3, H_SUCCESS

        # Shown as valid, though the hardware finds nothing valid there.
        li      r3, H_READ
        li      r4, 0
        li      r5, INDEX
        sc      1
        without_lock r4
        check   5, r4, FIRST
        check   6, r5, SECOND

        # The same load: trap, absent entry, exit, device, back here with the device's answer.
        bl      data_translation_on
load:   lbz     r27, LSR(r28)
        bl      data_translation_off
        clrldi  r27, r27, 56
        andi.   r26, r27, LSR_EMPTY
        check   7, r26, LSR_EMPTY

        # A store goes the same way: these letters reach the serial port, not the hypervisor's console.
        bl      data_translation_on
        li      r27, 'O'
store:  stb     r27, 0(r28)
        li      r27, 'K'
        stbu    r27, 0(r28)
        li      r27, 10
        stb     r27, 0(r28)
        bl      data_translation_off

        main_ends

        guest_is power_mmio

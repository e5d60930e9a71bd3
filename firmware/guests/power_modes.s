# What a partition asks of its platform: the byte order of its interrupts (H_SET_MODE), random numbers (H_RANDOM).
#
# Little-endian systems have their interrupts taken in their own order: LPCR.ILE, which belongs to the hypervisor. The handler of a system call
# is replaced by two instructions in little-endian order, called, and put back (PAPR 14.5.4.3, 14.15.1).

        .text
        .equ    BYTE_ORDER, 4                   # the resource
        .equ    LITTLE, 1
        .equ    HANDLER, 0xC00

        .include "../lib/power_checks.s"

        .macro  set_mode flags, resource, value1 = 0, value2 = 0
        li      r3, H_SET_MODE
        li      r4, \flags
        li      r5, \resource
        li      r6, \value1
        li      r7, \value2
        sc      1
        .endm

        main_begins

        # What there is not: a third byte order; values; resources of later processors.
        set_mode 2, BYTE_ORDER
        check   1, r3, H_UNSUPPORTED_FLAG
        set_mode LITTLE, BYTE_ORDER, 1, 0
        check   2, r3, H_P3
        set_mode LITTLE, BYTE_ORDER, 0, 1
        check   3, r3, H_P4
        set_mode 0, 1
        check   4, r3, H_P2
        set_mode 0, 3
        check   5, r3, H_P2

        # li r27, 1 and rfid, with their bytes turned round.
        li      r28, HANDLER
        ld      r26, 0(r28)
        load64  r3, 0x0100603B2400004C
        bl      put_handler
        set_mode LITTLE, BYTE_ORDER
        check   6, r3, H_SUCCESS
        li      r27, 0
        sc
        check   7, r27, 1
        mfmsr   r3
        clrldi  r3, r3, 63
        check   8, r3, 0                        # rfid has brought back the order of before

        # Big-endian again: li r27, 2 and rfid.
        load64  r3, 0x3B6000024C000024
        bl      put_handler
        set_mode 0, BYTE_ORDER
        check   9, r3, H_SUCCESS
        sc
        check   10, r27, 2
        mr      r3, r26
        bl      put_handler

        # Two numbers that differ, and are not zero.
        li      r3, H_RANDOM
        sc      1
        check   11, r3, H_SUCCESS
        mr      r27, r4
        li      r3, H_RANDOM
        sc      1
        check   12, r3, H_SUCCESS
        li      r31, 13
        cmpd    r27, r4
        beq     failed
        cmpdi   r27, 0
        beq     failed

        main_ends

# put_handler(r3 = both instructions): at r28, for whoever fetches there.
put_handler:
        std     r3, 0(r28)
        dcbst   r0, r28
        sync
        icbi    r0, r28
        sync
        isync
        blr

        guest_is power_modes

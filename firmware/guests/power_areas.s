# The virtual processor area, the SLB shadow buffer, and the dispatch trace log.
#
# A partition gives the hypervisor three buffers (H_REGISTER_VPA, PAPR section 14.11.1). The VPA comes first: the others need it,
# and it cannot go while one of them stands. It takes effect when the processor is next entered: its yield count is one then, and
# goes up with each entry and each exit, so that it is even while the processor runs. Each dispatch is an entry of the trace log.

        .text
        .equ    VPA_SIZE, 640
        .equ    SIZE, 4                         # where a buffer says how long it is: 16 bits in the VPA, 32 in the others
        .equ    SHARED, 9                       # a byte of the VPA, bit 0x2: the processor is shared
        .equ    YIELD_COUNT, 0x100
        .equ    LOG_INDEX, 0x218
        .equ    ENTRY, 48                       # bytes of an entry of the log
        .equ    REASON, 0
        .equ    TIMEBASE, 16
        .equ    DISPATCHED, 7

        .include "../lib/power_guest.s"

        # Function `number` of H_REGISTER_VPA for this processor; the answer is in r3.
        .macro  area number, buffer
        load64  r3, H_REGISTER_VPA
        load64  r4, \number << 45
        li      r5, 0
        lis     r6, \buffer@h
        ori     r6, r6, \buffer@l
        sc      1
        .endm

        main_begins
        address r28, vpa
        address r27, log
        li      r4, VPA_SIZE
        sth     r4, SIZE(r28)
        load64  r4, 0xA5A5A5A5
        stw     r4, YIELD_COUNT(r28)
        li      r4, 3 * ENTRY + 5
        stw     r4, SIZE(r27)

        # What needs a VPA, and addresses that are none: not aligned, though a length stands in the right place.
        li      r4, VPA_SIZE
        sth     r4, 8 + SIZE(r28)
        area    2, log
        check   1, r3, H_RESOURCE
        area    1, vpa + 8
        check   2, r3, H_PARAMETER
        area    4, vpa
        check   3, r3, H_PARAMETER
        li      r4, VPA_SIZE - 1
        sth     r4, SIZE(r28)
        area    1, vpa
        check   4, r3, H_PARAMETER
        li      r4, VPA_SIZE
        sth     r4, SIZE(r28)

        # Registered, and entered: shared, and even.
        area    1, vpa
        check   5, r3, H_SUCCESS
        lbz     r4, SHARED(r28)
        check   6, r4, 2
        lwz     r4, YIELD_COUNT(r28)
        check   7, r4, 2
        area    2, log
        check   8, r3, H_SUCCESS
        area    5, vpa
        check   9, r3, H_RESOURCE

        # Prod oneself, and cede: that call returns at once. A cede that waits is an exit and an entry.
        lwz     r26, YIELD_COUNT(r28)
        ld      r25, LOG_INDEX(r28)
        handle  on_decrementer, ticked
        li      r24, 0
        mftb    r23
        li      r4, 2000
        mtdec   r4
        li      r3, H_CEDE
        sc      1
        check   10, r24, 1
        lwz     r4, YIELD_COUNT(r28)
        sub     r4, r4, r26
        check   11, r4, 2
        ld      r4, LOG_INDEX(r28)
        sub     r4, r4, r25
        check   12, r4, 1

        # The log: its last entry says why, and a time behind the decrementer's.
        ld      r4, LOG_INDEX(r28)
        addi    r4, r4, -1
        li      r5, 3
        divdu   r6, r4, r5
        mulld   r6, r6, r5
        sub     r4, r4, r6
        mulli   r4, r4, ENTRY
        add     r4, r4, r27
        lbz     r5, REASON(r4)
        check   13, r5, DISPATCHED
        ld      r4, TIMEBASE(r4)
        sub     r4, r4, r23
        li      r31, 14
        cmpdi   r4, 2000
        blt     failed

        # Down in the right order.
        area    6, log
        check   15, r3, H_SUCCESS
        area    5, vpa
        check   16, r3, H_SUCCESS
        lwz     r26, YIELD_COUNT(r28)
        li      r4, 100
        mtdec   r4
        li      r3, H_CEDE
        sc      1
        lwz     r4, YIELD_COUNT(r28)
        sub     r4, r4, r26
        check   17, r4, 0

        main_ends

ticked: addi    r24, r24, 1
        far_decrementer
        mfsprg  r3, 1
        # Interrupts stay off from here on: H_CEDE has enabled them.
        mfsrr1  r30
        rldicl  r30, r30, 48, 1
        rotldi  r30, r30, 16
        mtsrr1  r30
        rfid

        guest_is power_areas

        .data
        .balign 4096
vpa:    .skip   VPA_SIZE
        .balign 128
log:    .skip   4 * ENTRY

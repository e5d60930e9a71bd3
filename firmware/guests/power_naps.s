# Threads that nap while a sibling runs.
#
# A thread that cedes naps in its core, as long as one of the others runs. Its own decrementer wakes it there, without the core leaving
# the partition, so that the first thread here, which makes no call while it waits for the others, sees their counts go up. A nap leaves
# little of what was in the core: the hypervisor has to give all of it back.

        .text
        .equ    THREADS, 4
        .equ    ROUNDS, 6
        .equ    NAP, 2500                       # ticks
        .equ    LIMIT, 200000                   # turns of a loop, before the first thread gives up
        .equ    MSR_VSX_VEC_FP, MSR_VSX | MSR_VEC | MSR_FP
        .equ    PATTERN, 0x0123456789ABCD00

        .include "../lib/power_guest.s"

        main_begins
        far_decrementer
        handle  on_decrementer, ticked
        li      r28, 1
1:      start_thread r28, thread
        check   1, r4, RTAS_SUCCESS
        addi    r28, r28, 1
        cmpwi   r28, THREADS
        blt     1b

        # No call from here on until all are done.
        address r26, counts
        load64  r27, LIMIT
2:      li      r31, 2
        addi    r27, r27, -1
        cmpdi   r27, 0
        beq     failed
        ld      r4, 8(r26)
        ld      r5, 16(r26)
        ld      r6, 24(r26)
        cmpdi   r4, ROUNDS
        blt     2b
        cmpdi   r5, ROUNDS
        blt     2b
        cmpdi   r6, ROUNDS
        blt     2b

        # What the others have found out about their registers.
        address r26, faults
        ld      r31, 0(r26)
        cmpdi   r31, 0
        bne     failed
        main_ends

        # Register `n` has the pattern and its number.
        .macro  each_of action
        .irp    n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23
        \action \n
        .endr
        .endm
        .macro  fill n
        addi    r\n, r30, \n
        .endm
        .macro  same n
        addi    r24, r30, \n
        cmpd    r24, r\n
        bne     lost
        .endm

# A secondary thread, r3 its number: fills its registers, naps, and looks at them.
        .type   thread, @function
thread:
        mr      r28, r3
        mfmsr   r4
        oris    r4, r4, MSR_VSX_VEC_FP@h
        ori     r4, r4, MSR_VSX_VEC_FP@l
        mtmsrd  r4
        isync
        load64  r30, PATTERN
        sldi    r4, r28, 16
        add     r30, r30, r4
        li      r27, 0
1:      address r3, scratch
        sldi    r4, r28, 4
        add     r3, r3, r4
        std     r30, 0(r3)
        not     r4, r30
        std     r4, 8(r3)
        lxvd2x  vs0, 0, r3
        lxvd2x  vs31, 0, r3
        lxvd2x  vs32, 0, r3
        lxvd2x  vs63, 0, r3
        mtsprg  0, r30
        mtsprg  2, r3
        load64  r4, 0xE0000000 | 0x8000000 | 5
        sldi    r5, r28, 12
        slbmte  r5, r4
        isync
        mtlr    r30
        li      r4, NAP
        mtdec   r4
        each_of fill
        li      r31, 10
        cede
        # r4 and up are the call's arguments: it has no results.
        cmpdi   r3, H_SUCCESS
        bne     lost
        each_of same
        li      r31, 11
        mflr    r24
        cmpd    r24, r30
        bne     lost
        mfsprg  r24, 0
        cmpd    r24, r30
        bne     lost
        li      r31, 12
        mfsprg  r3, 2
        .irp    n, 0,31,32,63
        ld      r4, 0(r3)
        ld      r5, 8(r3)
        address r6, spill
        sldi    r7, r28, 4
        add     r6, r6, r7
        stxvd2x vs\n, 0, r6
        ld      r8, 0(r6)
        ld      r9, 8(r6)
        cmpd    r4, r8
        bne     lost
        cmpd    r5, r9
        bne     lost
        .endr
        li      r31, 13
        li      r4, 5
        slbmfev r5, r4
        sldi    r6, r28, 12
        cmpd    r5, r6
        bne     lost
        # Its decrementer has been taken, in the handler below: it is far away.
        li      r31, 14
        mfdec   r4
        extsw   r4, r4
        cmpdi   r4, NAP
        ble     lost
        addi    r27, r27, 1
        address r3, counts
        sldi    r4, r28, 3
        stdx    r27, r3, r4
        cmpwi   r27, ROUNDS
        blt     1b
2:      cede
        b       2b
lost:   address r3, faults
        std     r31, 0(r3)
        address r3, counts
        sldi    r4, r28, 3
        li      r5, ROUNDS
        stdx    r5, r3, r4
        b       2b
        .size   thread, . - thread

ticked: far_decrementer
        mfsprg  r3, 1
        rfid

        guest_is power_naps

        .data
        .balign 16
counts: .skip   8 * THREADS
faults: .skip   8
        .balign 16
scratch:
        .skip   16 * THREADS
spill:  .skip   16 * THREADS

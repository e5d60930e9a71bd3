# Four threads of one core that cede, prod and interrupt each other.
#
# A thread that has nothing to do cedes (H_CEDE): it naps while its siblings run, and its core leaves the partition only when the last
# one has ceded. A prod, an interprocessor interrupt and the decrementer end that; a prod that comes too early must not be lost.

        .text
        .equ    THREADS, 4
        .equ    ROUNDS, 20
        .equ    LEAST_FAVOURED, 0xFF

        .include "../lib/power_guest.s"

        main_begins
        far_decrementer

        # A prod comes before the cede: that one returns at once, the processor would sleep for ever otherwise.
        li      r4, 0
        prod    r4
        check   1, r3, H_SUCCESS
        cede
        check   2, r3, H_SUCCESS
        li      r4, THREADS
        prod    r4
        check   3, r3, H_PARAMETER

        # Start the others: RTAS start-cpu, each at `thread` with its number in r3.
        li      r28, 1
1:      start_thread r28, thread
        check   4, r4, RTAS_SUCCESS
        addi    r28, r28, 1
        cmpwi   r28, THREADS
        blt     1b

        # Round and round: thread 1 is prodded and prods 2, which prods 3, which prods this one.
        li      r27, ROUNDS
2:      li      r4, 1
        prod    r4
        cede
        addi    r27, r27, -1
        cmpwi   r27, 0
        bne     2b
        address r26, counts
        li      r28, 1
3:      sldi    r4, r28, 3
        ldx     r4, r26, r4
        check   5, r4, ROUNDS
        addi    r28, r28, 1
        cmpwi   r28, THREADS
        blt     3b

        # All sleep now but this one; its own decrementer wakes it.
        handle  on_decrementer, ticked
        li      r24, 0
        mftb    r23
        li      r3, 3000
        mtdec   r3
        cede
        check   6, r24, 1
        mftb    r4
        sub     r4, r4, r23
        li      r31, 7
        cmpdi   r4, 3000
        blt     failed

        # An interprocessor interrupt to oneself ends a cede as well.
        handle  on_external, interrupted
        li      r3, H_CPPR
        li      r4, LEAST_FAVOURED
        sc      1
        li      r25, 0
        mftb    r23
        li      r4, 2                           # MSR.RI alone: the interrupt waits until H_CEDE enables interrupts
        mtmsrd  r4, 1
        li      r3, H_IPI
        li      r4, 0
        li      r5, 4
        sc      1
        check   8, r3, H_SUCCESS
        cede
        li      r31, 9
        cmpwi   r25, 1
        bne     failed
        # At once: not when the decrementer would have come.
        mftb    r4
        sub     r4, r4, r23
        lis     r5, 0x10
        li      r31, 10
        cmpd    r4, r5
        bgt     failed

        # So does one that another thread requests while this one naps.
        li      r25, 0
        address r4, by_interrupt
        li      r5, 1
        stw     r5, 0(r4)
        li      r4, 2
        mtmsrd  r4, 1
        mftb    r23
        li      r4, 1
        prod    r4
        cede
        li      r31, 11
        cmpwi   r25, 1
        bne     failed
        mftb    r4
        sub     r4, r4, r23
        lis     r5, 0x10
        li      r31, 12
        cmpd    r4, r5
        bgt     failed

        main_ends

# A secondary thread, r3 its number: waits for a prod, counts, prods the next one; or, when it is asked to, interrupts the first one.
        .type   thread, @function
thread:
        mr      r28, r3
        far_decrementer
        addi    r27, r28, 1
        andi.   r27, r27, THREADS - 1
        address r26, counts
        sldi    r25, r28, 3
1:      cede
        ldx     r4, r26, r25
        addi    r4, r4, 1
        stdx    r4, r26, r25
        address r4, by_interrupt
        lwz     r4, 0(r4)
        cmpwi   r4, 0
        bne     2f
        prod    r27
        b       1b
2:      li      r3, H_IPI
        li      r4, 0
        li      r5, 4
        sc      1
        b       1b
        .size   thread, . - thread

ticked: addi    r24, r24, 1
        far_decrementer
        mfsprg  r3, 1
        rfid

# Accept the interrupt, take the request back, end it. A call is an interrupt as well: it leaves its own in SRR0 and SRR1.
interrupted:
        mfsrr0  r20
        mfsrr1  r21
        li      r3, H_XIRR
        sc      1
        mr      r22, r4
        li      r3, H_IPI
        li      r4, 0
        li      r5, LEAST_FAVOURED
        sc      1
        li      r3, H_EOI
        mr      r4, r22
        sc      1
        addi    r25, r25, 1
        mtsrr0  r20
        mtsrr1  r21
        mfsprg  r3, 1
        rfid

        guest_is power_threads

        .data
        .balign 8
counts: .skip   8 * THREADS
by_interrupt:
        .skip   4

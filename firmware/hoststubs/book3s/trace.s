# What a partition left for, in the order in which it did: a record of 24 doublewords each, from TRACE on.
#
#        0  kind: TRACE_EXIT, TRACE_CALL, TRACE_ACCESS          1  number of the vcpu
#        2  vector, number of the call, partition real address
#       call:     3-11 its nine arguments, 12-21 r3-r12 when it was answered
#       access:   3 bytes, 4 whether it is a store, 5 what was stored or loaded

# trace(r3 = kind, r4 = the second doubleword) -> r3 = the record, of the vcpu in r31. Threads take turns by reservation.
        .type   trace, @function
trace:
        address r5, trace_count
1:      ldarx   r6, 0, r5
        addi    r7, r6, 1
        stdcx.  r7, 0, r5
        bne-    1b
        # Who reads the trace sees by the count that it is longer than the room for it.
        load64  r7, TRACE_RECORDS
        cmpld   r6, r7
        blt     2f
        addi    r6, r7, -1
2:      mulli   r6, r6, 24 * 8
        address r5, TRACE
        add     r5, r5, r6
        ld      r6, VCPU_NUMBER(r31)
        std     r3, 0(r5)
        std     r6, 8(r5)
        std     r4, 16(r5)
        mr      r3, r5
        blr
        .size   trace, . - trace

# trace_call() -> r3: a record with the call that the vcpu in r31 makes.
        .type   trace_call, @function
trace_call:
        enter
        li      r3, TRACE_CALL
        ld      r4, VCPU_GPR + 24(r31)
        bl      trace
        .irp    n, 4,5,6,7,8,9,10,11,12
        ld      r4, VCPU_GPR + 8 * \n(r31)
        std     r4, 8 * (\n - 1)(r3)
        .endr
        leave
        .size   trace_call, . - trace_call

# trace_answer(r3 = its record): what the vcpu in r31 gets.
        .type   trace_answer, @function
trace_answer:
        .irp    n, 3,4,5,6,7,8,9,10,11,12
        ld      r4, VCPU_GPR + 8 * \n(r31)
        std     r4, 8 * (\n + 9)(r3)
        .endr
        blr
        .size   trace_answer, . - trace_answer

        .data
        .balign 8
        .global trace_count
trace_count:
        .quad   0
        .text

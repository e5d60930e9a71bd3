@ Data processing in A32: every operand shape, flags, conditions.
        .syntax unified
        .arm
        .irp    op, and, eor, sub, rsb, add, adc, sbc, rsc, orr, bic
        \op     r0, r1, r2
        \op\()s r0, r1, #1
        \op\()eq r0, r1, r2, lsl #3
        \op\()sne r0, r1, r2, ror r3
        \op     r0, r1, r2, rrx
        \op     r0, r1, #0xff000000
        \op     r0, r1, #0x3fc
        \op     r0, #4
        \op     r0, r1
        .endr
        .irp    op, tst, teq, cmp, cmn
        \op     r0, r1
        \op     r0, #255
        \op\()lt r0, r1, asr #32
        \op     r0, r1, lsr r2
        .endr
        .irp    op, mov, mvn
        \op     r0, r1
        \op\()s r0, #0
        \op\()hs r0, #0x80000000
        .endr
        mov     r0, r1, lsl #1
        mov     pc, lr
        movs    pc, lr
        subs    pc, lr, #4
        mov     r0, #-1
        mov     r0, #~0x10
        cmp     r0, #-1
        add     r0, r0, #-4
        sub     sp, sp, #-8
        and     r2, r2, #~(1 << 31)
        bic     r2, r2, #0xffffff00
        movw    r0, #0xffff
        movt    r0, #0x1234
        mov     r0, #0xabcd
        lsl     r0, r1, #4
        lsls    r0, r1, r2
        lsr     r0, r1, #32
        asr     r0, #1
        ror     r0, r1, #31
        rrx     r0, r1
        add     r0, pc, #8
        adr     r0, .
        add     r0, r1, #0xf000000f
        mov     r0, #1, 2
        add     r0, r1, #4, 30

@ T32 in a source that says no syntax: as before unified syntax, flags are set without an s.
        .thumb
        mov     r0, #1
        mov     r0, r1
        movs    r0, r8
        add     r0, #1
        add     r0, r0, #200
        add     r0, r1, #-1
        add     r0, r1, r2
        add     sp, #-4
        sub     r0, r1, #3
        sub     sp, sp, #8
        neg     r0, r1
        lsl     r0, r1, #0
        lsl     r0, #3
        mul     r0, r0, r1
        cmp     r0, r9
        ldmia   r0, {r0, r1}
        ldmia   r0, {r1, r2}
        stmia   r0, {r1, r2}
        ldsb    r0, [r1, r2]
        dmb
        isb
        nop
        .syntax unified
        add     r0, #1
        add     sp, #-4
        adds    r0, r1
        subs    r0, r1
        lsls    r0, #1
        lsrs    r0, r1, #0
        rsbs    r0, #0
        muls    r0, r0, r1
        mul     r0, r1
        movs    r0, r1, lsl #2
        cmps    r0, #1
        tsts    r0, r8
        .syntax divided
        add     r0, r1, #7
        .arm
        add     r0, r1, #7

@ Multiplication, division, bit fields, saturation, extension, reversal.
        .syntax unified
        .arm
        mul     r0, r1, r2
        muls    r0, r1, r2
        mul     r0, r1
        mla     r0, r1, r2, r3
        mls     r0, r1, r2, r3
        umull   r0, r1, r2, r3
        smulls  r0, r1, r2, r3
        umlal   r0, r1, r2, r3
        smlal   r0, r1, r2, r3
        umaal   r0, r1, r2, r3
        smulbb  r0, r1, r2
        smlawt  r0, r1, r2, r3
        smmul   r0, r1, r2
        smuad   r0, r1, r2
        sdiv    r0, r1, r2
        udiv    r0, r1, r2
        bfi     r0, r1, #3, #5
        bfc     r0, #31, #1
        ubfx    r0, r1, #0, #32
        sbfx    r0, r1, #8, #8
        clz     r0, r1
        rbit    r0, r1
        rev     r0, r1
        rev16   r0, r1
        revsh   r0, r1
        uxtb    r0, r1
        uxtb    r0, r1, ror #8
        sxth    r0, r1
        uxtab   r0, r1, r2
        sxtah   r0, r1, r2, ror #24
        uxtb16  r0, r1
        pkhbt   r0, r1, r2, lsl #4
        pkhtb   r0, r1, r2, asr #32
        ssat    r0, #16, r1
        usat    r0, #0, r1, lsl #4
        qadd    r0, r1, r2
        qdsub   r0, r1, r2
        uadd8   r0, r1, r2
        shsub16 r0, r1, r2
        sel     r0, r1, r2
        usad8   r0, r1, r2
        usada8  r0, r1, r2, r3

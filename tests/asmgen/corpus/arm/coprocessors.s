@ Coprocessor instructions, as manuals and as objdump write them.
        .syntax unified
        .arm
        mrc     p15, 0, r0, c1, c0, 0
        mrc     p15, 0, r0, c1, c0
        mrc     15, 0, r0, cr1, cr0, 0
        mcr     p15, 0, r0, c7, c5, 4
        mcr     15, 0, r0, cr7, cr5
        mrc     p15, 0, apsr_nzcv, c0, c0, 0
        mrc     p15, 0, r15, c0, c0, 0
        mrceq   p14, 6, r3, c0, c0, 0
        mrrc    p15, 0, r0, r1, c2
        mcrr    p15, 6, r0, r1, c2
        mrc2    p14, 0, r0, c1, c2, 3
        mcr2    p14, 0, r0, c1, c2, 3
        mcrr2   p8, 1, r0, r1, c2
        mrrc2   p8, 1, r0, r1, c2
        cdp     p8, 1, c2, c3, c4, 5
        cdp     p8, 1, c2, c3, c4
        cdp2    p8, 1, c2, c3, c4, 5
        cdpeq   8, 1, cr2, cr3, cr4, 5
        ldc     p8, c1, [r2]
        ldc     p8, c1, [r2, #4]
        ldc     p8, c1, [r2, #-4]!
        ldc     p8, c1, [r2], #8
        ldc     p8, c1, [r2], {3}
        ldcl    p8, c1, [r2]
        ldceq   p8, c1, [r2]
        ldc2    p8, c1, [r2]
        stc     14, cr13, [r2, #16]
        stc2    p8, c1, [r2], #4
        stcl    p8, c1, [r2, #1020]
        ldc     p14, c5, [r0], #4

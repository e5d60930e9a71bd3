@ Coprocessors 10 and 11 by number, and the forms with a word more.
        mcr p10, 7, r0, c8, c0, 0
        ldc p11, cr0, [r0], {0x21}
        stcl p11, cr0, [r7, #-4]!
        mcrr p10, 1, r0, r1, c0
        cdp p11, 1, c2, c3, c4, 5
        mrc p10, 7, r15, c1, c0
        mrc p10, 7, APSR_nzcv, c1, c0, 0
        fldmdbx r0!, {d0-d3}
        fstmiax r1, {d16}
        fldmiaxne r1, {d15-d16}
        fldmfdx sp!, {d8-d15}
        fstmfdx sp!, {d8-d15}
        ldc2 p10, c0, [r1]

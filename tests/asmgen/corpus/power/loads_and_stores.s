# Loads and stores: displacements at their ends, update and indexed forms, byte-reversed, multiple, reserved.
        lbz     r3, 0(r4)
        lbz     r3, 32767(r4)
        lbz     r3, -32768(r4)
        lbz     3, -1(4)
        lbz     %r3, 4(%r4)
        lbzu    r3, 1(r4)
        lbzx    r3, r4, r5
        lbzx    r3, 0, r5
        lbzux   r3, r4, r5
        lhz     r3, 2(r4)
        lha     r3, -2(r4)
        lhau    r3, 2(r4)
        lwz     r3, 4+4(r4)
        lwz     r3, (1<<4)(r4)
        lwa     r3, 4(r4)
        lwax    r3, r4, r5
        lwzu    r3, -4(r1)
        ld      r3, 32764(r4)
        ld      r3, -32768(r4)
        ldu     r3, 8(r4)
        ldx     r3, r4, r5
        stb     r3, 0(r4)
        sth     r3, 0(r4)
        stw     r3, 0(r4)
        std     r3, 8(r1)
        stdu    r1, -112(r1)
        stdux   r1, r1, r0
        stwu    r1, -16(r1)
        lhbrx   r3, r4, r5
        lwbrx   r3, r4, r5
        ldbrx   r3, r4, r5
        stwbrx  r3, r4, r5
        lmw     r28, 0(r1)
        stmw    r28, 0(r1)
        lwarx   r3, 0, r4
        lwarx   r3, 0, r4, 1
        ldarx   r3, 0, r4
        stwcx.  r3, 0, r4
        stdcx.  r3, 0, r4
        dcbt    0, r3
        dcbst   r3, r4
        dcbf    0, r3
        dcbz    0, r3
        icbi    0, r3
        sync
        lwsync
        ptesync
        hwsync
        eieio
        isync
        lfd     f1, 8(r1)
        lfs     f1, 4(r1)
        stfd    f1, -8(r1)
        stfsx   f1, r3, r4
        lfdx    f1, 0, r4
        lfdu    f1, 8(r3)

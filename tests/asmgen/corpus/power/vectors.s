# VMX and VSX: loads, stores, permutes.
        lvx     v1, 0, r3
        lvx     v1, r4, r3
        stvx    v31, r4, r3
        lvsl    v2, 0, r3
        lvsr    v2, 0, r3
        vperm   v1, v2, v3, v4
        vor     v1, v2, v2
        vxor    v1, v1, v1
        vspltisw v1, -1
        vspltb  v1, v2, 15
        vaddubm v1, v2, v3
        vcmpequb. v1, v2, v3
        mfvrsave r3
        mtvrsave r3
        mfvscr  v1
        mtvscr  v1
        lxvd2x  vs34, 0, r3
        stxvd2x vs34, r4, r3
        xxlor   vs1, vs2, vs2
        xxlxor  vs63, vs63, vs63
        xxpermdi vs1, vs2, vs3, 2
        lxsdx   vs1, 0, r3

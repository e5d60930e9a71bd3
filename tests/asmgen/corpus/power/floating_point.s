# Floating point.
        fadd    f1, f2, f3
        fadds.  f1, f2, f3
        fsub    f1, f2, f3
        fmul    f1, f2, f3
        fdiv    f1, f2, f3
        fmadd   f1, f2, f3, f4
        fnmsubs f1, f2, f3, f4
        fneg    f1, f2
        fabs    f1, f2
        fmr     f1, f2
        fmr.    f1, f2
        fcmpu   cr1, f1, f2
        fcmpo   0, f1, f2
        fctiwz  f1, f2
        fctidz  f1, f2
        fcfid   f1, f2
        frsp    f1, f2
        fsqrt   f1, f2
        fsel    f1, f2, f3, f4
        mffs    f1
        mtfsf   0xff, f1
        mtfsfi  6, 0
        mtfsb0  3
        mtfsb1. 4
        mcrfs   cr1, 2

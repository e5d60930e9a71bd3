# Condition-register bits as names and expressions; moves of fields.
        cror    eq, 4*1+eq, eq
        crand   4*cr1+lt, 4*cr2+gt, 4*cr3+so
        crxor   6, 6, 6
        creqv   4*cr7+un, 4*cr7+un, 4*cr7+un
        crclr   lt
        crset   4*cr5+eq
        crmove  eq, 4*cr6+eq
        crnot   gt, lt
        crnor   0, 1, 2
        crnand  31, 30, 29
        crandc  1, 2, 3
        crorc   4, 5, 6
        mcrf    cr1, cr7
        mcrf    1, 7
        mfcr    r3
        mfocrf  r3, 0x80
        mfcr    r3, 0x80
        mtcrf   0xff, r3
        mtcr    r3
        mtocrf  0x40, r3
        beq     cr1, $+8
        bt      4*cr1+eq, $+8
        bf      gt, $+8
        bdnzt   4*cr2+lt, $+8
        bdzf    so, $-8
        bc      4, 4*cr3+eq, $+8
        beqlr   cr5
        bnectr
        bclr    20, 0
        bcctr   20, 0
        bclrl   12, 4*cr1+eq
        bdnzlr
        btlr    eq
        isel    r3, r4, r5, 4*cr1+eq
        isellt  r3, r4, r5
        cmpw    cr7, r3, r4
        cmpldi  cr3, r3, 0xffff
        cmp     0, 1, r3, r4
        cmpli   cr2, 0, r3, 5

# Special-purpose registers by name and by number.
        mflr    r3
        mtlr    r3
        mfctr   r3
        mtctr   r3
        mfxer   r3
        mtxer   r3
        mfspr   r3, 8
        mtspr   9, r3
        mfspr   r3, 268
        mftb    r3
        mftb    r3, 268
        mftbu   r3
        mfspr   r3, 26
        mtspr   27, r3
        mfsrr0  r3
        mtsrr1  r3
        mfsprg  r3, 0
        mtsprg  1, r3
        mfsprg2 r3
        mtsprg3 r3
        mfdar   r3
        mtdar   r3
        mfdsisr r3
        mfdec   r3
        mtdec   r3
        mfpvr   r3
        mfsdr1  r3
        mtsdr1  r3
        mfspr   r3, 1023
        mtspr   304, r3
        mtspr   0x13e, r3
        mfmsr   r3
        mtmsrd  r3
        mtmsrd  r3, 1
        mtmsr   r3

# Traps and what only system software says.
        trap
        tw      31, r0, r0
        tweq    r3, r4
        twi     31, r3, 0
        twnei   r3, 5
        twlgti  r3, -1
        td      4, r3, r4
        tdi     2, r3, 7
        tdlei   r3, 100
        tdnei   r3, 0
        sc
        sc      1
        sc      0
        rfid
        hrfid
        slbmte  r3, r4
        slbmfee r3, r4
        slbmfev r3, r4
        slbie   r3
        slbia
        tlbie   r3, r0
        tlbiel  r3
        tlbsync
        or      1, 1, 1
        or      31, 31, 31
        attn

# Spellings that sources in the field use.
        bcl 20,31,$+4
        mflr 3
        b $+8
        b $
. = 0x40
        rlwinm 3,4,5,0x00ff0000
        rlwinm 3,4,5,0xff0000ff
        rlwinm. 3,4,0,0xfffffff0
        rlwimi 3,4,5,0xff
        rlwnm 3,4,5,0xff00
        rlwimi. 3,4,5,0xff000000
        cror eq,4*1+eq,eq
        crand 4*cr2+lt, 4*cr3+gt, so
        crxor 4*6+2, 6, 7
        beq 1,.
        bt 4*cr1+eq,.
        attn
        mfcr 3,0x80
        mfocrf 3, 0x80
        li 3, 5U
        li 3, 5UL
        li 3, 5ULL
        lis 3, (0x12345678UL >> 16)
        ori 3, 3, 0x1234U
        .llong 0xFFFFFFFFUL
        mtspr 256+16, 3
        tlbie 3,4
        tlbiel 3
        slbmte 3,4
        dcbz 0,3
        icbi 0,3
        sc
        sc 1
        hrfid
        rfid
        mtmsrd 3,1
        mtmsrd 3
        stbcix 3,4,5
        lbzcix 3,4,5
        ldarx 3,0,4
        stdcx. 3,0,4
        lwarx 3,0,4,1
        or 1,1,1
        .tc foreign[TC],foreign

# Rotates: masks as numbers, and every extended mnemonic.
        rlwinm  r3, r4, 5, 0xff0
        rlwinm. r3, r4, 0, 0xf000000f
        rlwinm  r3, r4, 0, ~7
        rlwinm  r3, r4, 31, 0x80000000
        rlwnm   r3, r4, r5, 0xffff
        rlwimi  r3, r4, 8, 0xff00
        rlwinm  r3, r4, 5, 1, 30
        rlwimi. r3, r4, 5, 31, 0
        rlwnm.  r3, r4, r5, 0, 31
        extlwi  r3, r4, 8, 4
        extrwi  r3, r4, 8, 4
        inslwi  r3, r4, 8, 4
        insrwi  r3, r4, 8, 4
        rotlwi  r3, r4, 7
        rotrwi  r3, r4, 7
        rotlw   r3, r4, r5
        slwi    r3, r4, 12
        srwi.   r3, r4, 12
        clrlwi  r3, r4, 16
        clrrwi  r3, r4, 16
        clrlslwi r3, r4, 16, 4
        rldicl  r3, r4, 33, 31
        rldicr  r3, r4, 33, 31
        rldic   r3, r4, 4, 28
        rldimi  r3, r4, 32, 0
        rldcl   r3, r4, r5, 63
        rldcr.  r3, r4, r5, 63
        extldi  r3, r4, 16, 8
        extrdi  r3, r4, 16, 8
        insrdi  r3, r4, 16, 8
        rotldi  r3, r4, 40
        rotrdi  r3, r4, 40
        rotld   r3, r4, r5
        sldi    r3, r4, 40
        srdi.   r3, r4, 40
        clrldi  r3, r4, 33
        clrrdi  r3, r4, 33
        clrlsldi r3, r4, 33, 3

# Bare register numbers, percent signs, dollar as the place, and old spellings.
        addi    3, 3, 1
        lwz     9, 0(3)
        cmpwi   7, 9, 0
        beq     7, $+8
        mr      %r4, %r5
        fmr     %f1, %f2
        cmpw    %cr1, %r3, %r4
        mtlr    %r0
        bl      $
        b       $ - 4
        mtspr   0x110, 3
        addi    3, 3, 'a'
        addi    3, 3, 'a' - 'b'
        li      3, (1 << 3) | (1 << 5)
        andi.   3, 3, 0x10 | 0x20
        li      3, ~0
        li      3, -(1 << 15)
        ori     3, 3, 0xffff & ~0xf
        lis     3, 0x8000 >> 1
        li      3, 100 / 7
        cmpwi   3, 2 * 3
        .long   . , $

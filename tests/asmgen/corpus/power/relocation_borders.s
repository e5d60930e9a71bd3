# Addresses beside 0x8000: where @h and @ha part.
        .set    x, 0x17fff
        .set    y, 0x18000
        .set    z, -0x8000
        lis     r3, x@h
        lis     r3, x@ha
        lis     r3, y@h
        lis     r3, y@ha
        lis     r3, x+1@ha
        lis     r3, y-1@ha
        lis     r3, z@h
        lis     r3, z@ha
        lis     r4, -x@ha
        lis     r4, -y@ha
        addi    r4, r4, -y@l
        addi    r4, r4, x+1@l
        lis     r5, 128/8@highest
        lis     r5, 0x123456789abcdef0@highest
        ori     r5, r5, 0x123456789abcdef0@higher
        lis     r5, 0x123456789abcdef0@highesta
        ori     r5, r5, 0x1234ffff8000@l
        lis     r5, (x + y)@ha
        lis     r5, x + y@ha
        addi    r5, r5, x * 2@l
        lwz     r5, x+4@l(r5)

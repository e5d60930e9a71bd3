/* The .dc and .dcb and .ds families. */
        .data
        .dc.b   1, -1, 'x'
        .dc.w   0x1234, -2
        .dc.l   0x12345678, -3
        .dc     0x4321
        .dcb.b  3, 7
        .dcb.w  2, 0x102
        .dcb.l  2, 0x1020304
        .dcb    2, 9
        .ds.b   3
        .ds.w   2
        .ds.l   1
        .ds     1
        .byte   0xee

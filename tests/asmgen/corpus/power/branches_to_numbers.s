# A plain number as a branch target.
        .space  0x100
        b       0x10
        bl      0x200
        beq     0x20
        ba      0x10
        bla     0x100
        bca     12, 2, 0x40
        bdnz    0
        b       -4
        ba      -4

@ A plain number as a target.
        .syntax unified
        .arm
        .space  0x100
        b       0x10
        bl      0x200
        beq     0x20
        b       0

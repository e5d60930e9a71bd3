/* .org and assignments to the dot. */
        .data
base:   .byte   1
        .org    16
        .byte   2
        .org    base + 32, 0x5a
        .byte   3
        . = 48
        .byte   4
        . = . + 4
        .byte   5
        .org    . + 3
        .byte   6
        . = base + 64
        .byte   7

/* .rept, .irp, .irpc, .rep; nested. */
        .data
        .rept   3
        .byte   1
        .endr
        .rep    2
        .byte   2
        .endr
        .rept   0
        .byte   99
        .endr
        .irp    x, 1, 2, 3
        .byte   \x
        .endr
        .irp    x 4 5 6
        .byte   \x
        .endr
        .irp    x, 7, 8 9
        .byte   \x
        .endr
        .irp    x
        .byte   0x\x\()1
        .endr
        .irpc   c, 123
        .byte   \c
        .endr
        .irpc   c,abc
        .ascii  "\c"
        .endr
        .rept   2
        .irp    x, 1, 2
        .irpc   y, 34
        .byte   \x\y
        .endr
        .endr
        .endr
n = 0
        .rept   4
        .byte   n
n = n + 1
        .endr

/* Alignment in data, with fill values and with a limit. */
        .data
        .byte   1
        .balign 4
        .byte   2
        .balign 8, 0xaa
        .byte   3
        .p2align 3
        .byte   4
        .p2align 4, 0xbb
        .byte   5
        .balign 16, 0xcc, 4
        .byte   6
        .balign 16, 0xdd, 15
        .byte   7
        .p2align 2,, 1
        .p2align 2,, 3
        .byte   8
        .balign 2, 0
        .balignw 8, 0x1234
        .byte   9, 9
        .byte   9, 9
        .balign 4, 0x66
        .balignl 16, 0x12345678
        .byte 1, 2
        .p2alignw 4, 0x55aa
        .long   0x01010101
        .p2alignl 4, 0xdeadbeef
        .balign 1
        .align  5
        .byte   0xff
        .byte   1

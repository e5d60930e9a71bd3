/* .align and its kin with nothing, or with zero. */
        .data
        .byte   1
        .align
        .byte   2
        .align  0
        .byte   3
        .balign
        .byte   4
        .p2align
        .byte   5
        .p2align 0
        .byte   6
        .section .other, "aw"
        .align  0
        .byte   1
        .section .another, "aw"
        .align
        .byte   1

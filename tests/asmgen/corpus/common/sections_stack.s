/* .previous, .pushsection, .popsection, .subsection. */
        .data
        .byte   1
        .section .a, "a"
        .byte   2
        .previous
        .byte   3
        .pushsection .b, "a"
        .byte   4
        .pushsection .a
        .byte   5
        .popsection
        .byte   6
        .popsection
        .byte   7
        .subsection 2
        .byte   8
        .subsection 1
        .byte   9
        .subsection 0
        .byte   10
        .text
        nop
        .text   1
        nop
        nop
        .text
        nop
        .data   3
        .byte   11
        .data
        .byte   12
        .pushsection .data, 1
        .byte   13
        .popsection
        .byte   14
        .section .a
        .byte   15

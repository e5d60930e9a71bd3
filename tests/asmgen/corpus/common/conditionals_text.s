/* .ifc, .ifnc, .ifeqs, .ifnes, .ifb, .ifnb, .ifdef, .ifndef, .ifnotdef. */
        .data
        .ifc    a, a
        .byte   1
        .endif
        .ifc    a, b
        .byte   2
        .endif
        .ifc    "a", a
        .byte   3
        .endif
        .ifc    "a b", "a b"
        .byte   4
        .endif
        .ifc    a  b, a b
        .byte   5
        .endif
        .ifnc   a, b
        .byte   6
        .endif
        .ifc    ,
        .byte   7
        .endif
        .ifeqs  "x", "x"
        .byte   8
        .endif
        .ifeqs  "x", "y"
        .byte   9
        .endif
        .ifnes  "x", "y"
        .byte   10
        .endif
        .ifb
        .byte   11
        .endif
        .ifb    x
        .byte   12
        .endif
        .ifnb   x
        .byte   13
        .endif
        .ifdef  known
        .byte   14
        .endif
known = 1
        .ifdef  known
        .byte   15
        .endif
        .ifndef known
        .byte   16
        .else
        .byte   17
        .endif
        .ifnotdef unknown
        .byte   18
        .endif
        .macro  test a, b
        .ifc    \a, \b
        .byte   20
        .else
        .byte   21
        .endif
        .ifc    \a, al
        .byte   22
        .endif
        .endm
        test    al, al
        test    eq, al
        test    "", ""

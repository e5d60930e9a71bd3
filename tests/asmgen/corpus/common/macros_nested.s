/* Macros that define, call and repeat others; text arguments; quoting. */
        .macro  outer name, value
        .macro  \name\()_inner x
        .byte   \value, \x
        .endm
        .endm
        .macro  twice what:vararg
        \what
        \what
        .endm
        .macro  table from, to
        .byte   \from
        .if     \to - \from
        table   "(\from + 1)", \to
        .endif
        .endm
        .macro  text string
        .asciz  "\string"
        .endm
        .macro  strings a, b
        .ascii  "\a"
        .ascii  "\b"
        .endm
        .macro  sum a, b, c, d
        .long   \a+\b+\c+\d
        .endm
        .data
        outer   first, 1
        outer   second, 2
        first_inner 3
        second_inner 4
        twice   .byte 1, 2
        twice   .ascii "x,y"
        table   1, 5
        text    hello
        text    "two words"
        strings "one", "two, three"
        sum     1, 2, 3, 4
        sum     (1), (2), -3, ~4
        twice   first_inner 9

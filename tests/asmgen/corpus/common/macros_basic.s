/* Macros: positional, keyword and default arguments, \@, \(), .exitm, .purgem. */
        .macro  plain
        .byte   1
        .endm
        .macro  two a, b
        .byte   \a, \b
        .endm
        .macro  defaults a=7, b=8
        .byte   \a
        .byte   \b
        .endm
        .macro  required a:req, b
        .byte   \a
        .ifnb   \b
        .byte   \b
        .endif
        .endm
        .macro  many first, rest:vararg
        .byte   \first
        .ifnb   \rest
        many    \rest
        .endif
        .endm
        .macro  counted
label_\@: .byte  \@
        .long   label_\@ - .
        .endm
        .macro  glue a, b
\a\()\b:        .byte 0x33
        .endm
        .macro  leave n
        .byte   0x10
        .if     \n
        .exitm
        .endif
        .byte   0x20
        .endm
        .data
        plain
        PLAIN
        two     1, 2
        two     b=3, a=4
        two     5 6
        two     1 + 1, 2 * 3
        two     (1 + 2), (3 + 4)
        two     2 -1, 3
        defaults
        defaults 1
        defaults , 2
        defaults b = 5
        required 1
        required 1, 2
        many    1, 2, 3, 4
        counted
        counted
        glue    sym, bol
        leave   0
        leave   1
        .purgem plain
        .macro  plain
        .byte   2
        .endm
        plain

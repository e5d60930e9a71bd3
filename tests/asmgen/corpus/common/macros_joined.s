# .altmacro: names joined by &, in strings too, blanks around operators, defaults in angle brackets and by value.
        .altmacro
        .macro  m a, r, cond
        .ascii  "a b &a &a& x&a y&a&b a&b b&a&&r &b& &b a.b a r&&cond b&r&cond|"
lo&r&cond = 1
l&a&q = 2
        .byte   a & 7, a&r, 'a', 'b'
        .ascii  "\a \b 'a' a <a>"
        LOCAL   here
        .set    here, 2
        .ascii  "here &here x&here"
        .byte   here
        .endm
        .data
        m       1, 2, 3
        .macro  flags x
        .if     x & 1
        .byte   x
        .endif
        .if     x&4
        .byte   x
        .endif
        .byte   x&3
        .endm
        flags   5
        .macro  defaults a, b=<x y>, c = %(1+2), d="q r"
        .ascii  "&a|&b|&c|"
        .ascii  d
        .endm
        defaults 1
        .macro  load kind, size, cond
        ld&kind&size&cond
        .endm
        .macro  ldw_x
        .byte   9
        .endm
        load    w, _, x
        .noaltmacro

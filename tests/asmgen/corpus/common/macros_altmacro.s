/* .altmacro: <text>, %expression, LOCAL, & joins. */
        .altmacro
        .macro  bytes a, b
        LOCAL   here
here:   .byte   a, b
        .byte   . - here
        .endm
        .macro  name x
sym&x:  .byte   x
        .endm
        .macro  string s
        .asciz  "&s"
        .endm
        .data
        bytes   1, 2
        bytes   %(1 + 2), %4*5
        name    7
        string  <a, b>
        string  <with !> mark>
        .noaltmacro
        .macro  late a
        .byte   \a
        .endm
        late    9

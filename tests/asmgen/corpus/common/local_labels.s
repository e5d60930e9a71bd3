/* Numbered labels, again and again; .L labels stay out of the table. */
        .data
1:      .long   1f - 1b
1:      .long   1b - 2f, 2f - 1b
2:      .long   10f - 2b
10:     .long   . - 10b
1:      .long   . - 1b
.Lhidden:
        .long   . - .Lhidden
visible:
        .long   visible - .Lhidden
        .byte   .Lend - visible
.Lend:
0:      .byte   . - 0b
99:     .byte   . - 99b

        .file   "named.c"
        .ident  "a compiler"
        .version "1.0"
        .text
        .data
        .long   1
        .section .comment, "MS", %progbits, 1
        .asciz  "more"

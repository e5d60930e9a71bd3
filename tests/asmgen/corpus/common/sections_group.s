/* A COMDAT group and a link-order section. */
        .section .text.once, "axG", %progbits, once, comdat
        .weak   once
        .type   once, %function
once:   .long   0
        .size   once, . - once
        .section .data.once, "awG", %progbits, once, comdat
        .long   1
        .text
        .long   2

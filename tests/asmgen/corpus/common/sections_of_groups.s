# Sections of one name belong to several groups, and to none; the groups' signatures are no symbols.
        .section .note.words, "", %progbits
        .long   1
        .section .note.words, "G", %progbits, words.one, comdat
        .long   2, first
first:
        .section .note.words, "G", %progbits, words.two, comdat
        .long   3
        .section .note.words, "G", %progbits, words.one, comdat
        .long   4, 9f - 8f
8:      .long   0
9:
        .section .note.words, "", %progbits
        .long   5
        .section .text.shared, "axG", %progbits, shared, comdat
        .globl  shared
        .type   shared, %function
shared: nop
        .size   shared, . - shared
        .section .data.shared, "awG", %progbits, shared, comdat
        .long   shared

# Alignment of code with nops; sections with @ types.
        .text
        nop
        .align  4
        nop
        .balign 32
        nop
        .p2align 5,,15
        nop
        .p2align 4
        blr
        .section .rodata, "a", @progbits
        .byte   1
        .align  3
        .quad   2
        .section ".init_array", "aw", @init_array
        .quad   3
        .section .bss.mine, "aw", @nobits
        .skip   8
        .section .fixup, "ax"
        nop
        .section __ex_table, "a"
        .balign 4
        .long   1, 2
        .section ".data.once", "aw", @progbits
        .llong  1
        .text
        .align  2
        .byte   1, 2, 3, 4
        .align  3
        .word   5

@ Alignment of code of both instruction sets.
        .syntax unified
        .arm
        nop
        .balign 16
        nop
        .align
        nop
        .p2align 4,,7
        nop
        .p2align 5
        .thumb
        nop
        .balign 4
        nop
        nop
        nop
        .align  4
        nop
        .p2align 3, 0
        nop
        .p2align 2
        .byte   1
        .align  1
        nop
        .even
        .arm
        nop
        .data
        .byte   1
        .align
        .byte   2
        .even
        .align  3
        .word   3

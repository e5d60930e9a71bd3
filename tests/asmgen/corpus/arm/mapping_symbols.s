@ Where mapping symbols stand: data in code, alignment in both instruction sets, literal pools, sections that begin with data.
        .syntax unified
        .text
        nop
        .byte   1
        .align  2
        nop
        .word   1
        .align  3
        .word   2
        .align  4
        nop
        .byte   1, 2, 3
        .p2align 2
        .byte   1
        .balign 4, 0
        nop
        .space  4
        nop
        .skip   3
        .balign 4
        .word   3
        ldr     r0, =0x12345678
        .word   4
        .ltorg
        .asciz  "abc"
        .align
        nop
        .org    0x100
        nop
        .fill   4, 4, 0xe1a00000
        nop
        .incbin "mapping_symbols.s", 0, 4
        .inst   0xe1a00000
        .section .words, "ax"
        .word   1
        .align  4
        .word   2
        .section .aligned_code, "ax"
        .align  4
        nop
        .section .aligned_data, "ax"
        .balign 16
        .word   1
        .section .room, "ax"
        .space  4
        nop
        .section .byte, "ax"
        .byte   1
        .balign 8
        nop
        .thumb
        .section .thumb, "ax"
        .byte   1
        .balign 8
        nop
        .space  3
        .align  2
        nop
        .arm
        nop
        .section .both, "ax"
        .byte   1
        .balign 8
        .thumb
        nop
        .byte   1
        .balign 4
        .byte   1
        .balign 4
        .section .last, "ax"
        .arm
        nop
        .thumb
        .balign 16
        nop

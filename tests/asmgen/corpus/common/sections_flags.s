/* Sections with flags, types and entry sizes. */
        .section .rodata
        .byte   1
        .section .rodata.str1.1, "aMS", %progbits, 1
        .asciz  "merge me"
        .asciz  "and me"
        .section .rodata.cst8, "aM", %progbits, 8
        .8byte  0x1122334455667788
        .section .init_array, "aw", %init_array
        .long   1, 0
        .section .fini_array, "aw", %fini_array
        .long   2, 0
        .section .note.mine, "a", %note
        .4byte  4, 4, 1
        .asciz  "GNU"
        .4byte  0
        .section .mycode, "ax", %progbits
        .byte   1, 2, 3, 4
        .section .mydata, "aw"
        .byte   5
        .section .mybss, "aw", %nobits
        .space  16
        .section .comment.mine, "", %progbits
        .ascii  "not loaded"
        .section "quoted name", "a"
        .byte   9
        .section .text.hot, "ax"
        .byte   0, 0, 0, 0
        .section .data.rel.ro, "aw"
        .byte   7
        .section .tdata_like, "aw"
        .byte   7
        .section .note.GNU-stack, "", %progbits

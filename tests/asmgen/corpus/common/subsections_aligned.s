/* Alignment in subsections counts from the section's start, not from theirs. */
        .data
        .byte   1, 2, 3
        .data   1
first:  .byte   4
        .balign 8
second: .byte   5
        .balign 4
third:  .long   second - first, third - second
        .data   2
        .balign 16
        .byte   6
        .data
        .byte   7
        .bss
        .space  5
        .lcomm  own_room, 12
        .local  own_shared
        .comm   own_shared, 3, 8
        .lcomm  tiny_room, 1
        .lcomm  three, 3
        .comm   shared1, 1
        .comm   shared3, 3
        .comm   shared5, 5
        .comm   shared9, 9
        .comm   shared100, 100

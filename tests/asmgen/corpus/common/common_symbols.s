/* Common symbols and zero data. */
        .comm   shared, 100
        .comm   aligned, 64, 16
        .comm   tiny, 1, 1
        .lcomm  private, 24
        .local  hidden_common
        .comm   hidden_common, 40, 8
        .bss
zeros:  .space  32
        .zero   8
        .long   0
        .balign 16
more:   .skip   4
        .data
        .byte   1

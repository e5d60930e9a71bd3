/* A file that includes one, which includes another beside it. */
        .data
        .byte   1
        .include "include/level1.inc"
        .byte   4
        included 5
        .incbin "include/bytes.bin"
        .incbin "include/bytes.bin", 2
        .incbin "include/bytes.bin", 1, 3

# 1 "original.c"
# 1 "<built-in>"
# 12 "original.c" 1 3 4
        .data
        .byte   1
# 34 "other.h" 1
        .byte   2
# 13 "original.c" 2
        .byte   3
        .line   50
        .byte   4

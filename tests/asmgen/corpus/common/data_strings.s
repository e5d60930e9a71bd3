/* Strings: escapes, joined neighbours, zero bytes. */
        .data
        .ascii  "plain"
        .asciz  "with zero"
        .string "one", "two"
        .ascii  "a" "b", "c"
        .asciz  "a" "b"
        .string "x" "y" "z", "w"
        .ascii  "\b\f\n\r\t\\\"\101\60\7\x41\x7f"
        .ascii  ""
        .asciz  ""
        .ascii  "semi;colon, comma / slash // two /* no comment */ # hash @ at"
        .ascii  "\8\9"
        .string8  "eight"
        .byte   0

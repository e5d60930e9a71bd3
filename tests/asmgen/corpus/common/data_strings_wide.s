/* Strings of 16, 32 and 64 bits a character. */
        .data
        .string16 "ab"
        .string32 "ab"
        .string64 "ab"
        .byte   1
        .balign 8
        .string16 "", "x\n"

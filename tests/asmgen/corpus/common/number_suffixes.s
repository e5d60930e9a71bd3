/* Suffixes and separators as kernels' headers leave them. */
        .data
x = 1 << 4
        .long   0x10, 020, 0x7FFFFFFF, 0XaB
        .long   0b11, 0B101
        .long   x, x|1, x | 2 | 4
        .long   ('a' << 8) | 'b'
        .long   '0, '9' - '0'
        .8byte  0x8000000000000000, -9223372036854775808

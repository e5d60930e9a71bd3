/* Numbers of every size, in every notation, and with the expressions' operators. */
        .data
        .byte   0, 1, 255, -1, -128, 0x7f, 0b1010, 017, 'a', 'a + 1, '\n, '\\
        .2byte  1, -1, 0xffff, 0x1234
        .short  -32768, 65535
        .hword  0x8000
        .4byte  0x12345678, -1, 4294967295
        .long   1 << 31, -(1 << 31)
        .int    'A', 'B
        .8byte  0x123456789abcdef0, -1
        .quad   1 << 63, 0xffffffffffffffff
        .byte   1 + 2 * 3, (1 + 2) * 3, 7 / 2, -7 / 2, 7 % 3, -7 % 3
        .byte   1 << 3 + 1, 0xf0 >> 4, ~0x0f & 0xff, !0, !5, 6 ^ 3, 6 | 1, 6 & 3, 5 ! 2
        .byte   1 == 1, 1 == 2, 1 <> 2, 1 != 1, 2 < 3, 3 <= 3, 4 > 5, 5 >= 5
        .byte   1 && 2, 1 && 0, 0 || 3, 0 || 0
        .byte   - - 5, + + 5, ~ ~ 5, -(-(5))
        .byte   4 - 2 - 1, 64 / 4 / 2, 2 * 3 / 4
        .long   0x80000000 + 0x7fffffff
        .byte

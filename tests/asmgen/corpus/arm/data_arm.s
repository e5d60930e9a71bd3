@ Data directives as Arm has them.
        .data
        .word   1, 0xffffffff, symbol
        .hword  1, 0xffff
        .short  -1
        .byte   1
        .align  2
        .long   symbol - .
symbol: .int    5
        .quad   6
        .8byte  7
        .float  1.5
        .double 1.5
        .single 0.5
        .ascii  "at @ hash # semi ;"
        .octa   1
        .text
        .thumb
        .inst.n 0xbf00
        .inst.w 0xf3af8000
        .arm
        .inst   0xe320f000

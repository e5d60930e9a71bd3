# The data directives of Power.
        .data
        .word   1, 0xffff
        .short  2
        .long   3
        .llong  4
        .quad   5, symbol, symbol + 1 - 1
        .byte   symbol_size, symbol_size * 2
symbol: .quad   symbol
symbol_size = . - symbol
        .double 1.5
        .float  1.5
        .octa   7
        .single 0.25
        .lcomm  mine, 16, 8
        .comm   ours, 16, 8

# Data whose order shows.
        .data
        .2byte  0x1234
        .4byte  0x12345678
        .8byte  0x123456789abcdef0
        .float  1.0
        .double 1.0
        .octa   0x112233445566778899aabbccddeeff00
        .uleb128 300
        .text
        nop
        .long   0x60000000

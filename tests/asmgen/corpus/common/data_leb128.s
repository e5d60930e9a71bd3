/* Numbers in LEB128, constants and differences of labels. */
        .data
start:  .uleb128 0, 1, 127, 128, 255, 16383, 16384, 0xffffffff
        .sleb128 0, 1, -1, 63, 64, -64, -65, 8191, -8192, 0x7fffffff
        .uleb128 end - start
        .sleb128 start - end
        .uleb128 0x123456789abcdef0
        .sleb128 -0x123456789abcdef0
end:    .byte 0xaa

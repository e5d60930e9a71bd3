/* 16-byte numbers. */
        .data
        .octa   0, 1, 0x0123456789abcdef0011223344556677
        .octa   0xffffffffffffffffffffffffffffffff
        .octa   5

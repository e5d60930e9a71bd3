# Local entries of ELFv2 make a file of it; a branch to one is the linker's, but for a distance of zero.
        .localentry f, 8
f:      nop
        nop
        nop
        .set    g, f
        .set    h, z
        .set    k, f + 4
        bl      f
        bl      g
        bl      zero
zero:   .localentry zero, 0
        bl      zero
z:      .localentry z, . - z
        bl      z
        .tc     ..table[TC], f
..table: nop
        b       ..table
        .quad   ..table

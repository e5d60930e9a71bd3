# What an edited instruction gives: `eqv`, the equivalence of two registers.

        .text
        .global kernel
        .type   kernel, @function
kernel: li      r3, 5
        li      r4, 3
        eqv     r3, r3, r4
        blr
        .size   kernel, . - kernel

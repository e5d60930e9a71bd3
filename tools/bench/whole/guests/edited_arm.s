@ What an edited instruction gives: `rbit`, the bits of a register from behind.

        .text
        .global kernel
        .type   kernel, %function
kernel: mov     r0, #5
        rbit    r0, r0
        bx      lr
        .size   kernel, . - kernel

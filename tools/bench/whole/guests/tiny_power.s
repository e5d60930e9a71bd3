# As good as nothing: what a process costs besides its guest.

        .text
        .global kernel
        .type   kernel, @function
kernel: li      r3, 1
        blr
        .size   kernel, . - kernel

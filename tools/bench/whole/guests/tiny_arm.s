@ As good as nothing: what a process costs besides its guest.

        .text
        .global kernel
        .type   kernel, %function
kernel: mov     r0, #1
        bx      lr
        .size   kernel, . - kernel

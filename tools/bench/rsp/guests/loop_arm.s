@ A loop for a debugger to stop: `tick` is entered once a turn, and counts in r7.

        .text
        .global kernel
        .type   kernel, %function
kernel: mov     r7, #0
again:  bl      tick
        add     r6, r6, #1
        b       again
        .size   kernel, . - kernel

        .global tick
        .type   tick, %function
tick:   add     r7, r7, #1
        bx      lr
        .size   tick, . - tick

# A loop for a debugger to stop: `tick` is entered once a turn, and counts in r31.

        .text
        .global kernel
        .type   kernel, @function
kernel: li      r31, 0
again:  bl      tick
        addi    r30, r30, 1
        b       again
        .size   kernel, . - kernel

        .global tick
        .type   tick, @function
tick:   addi    r31, r31, 1
        blr
        .size   tick, . - tick

@ Two vcpus take one spinlock by turns, each TIMES times, and count under it. The second one is started through PSCI.

        .text
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, r7, r8, lr}
        ldr     r0, =PSCI_CPU_ON
        mov     r1, #1                          @ its MPIDR
        ldr     r2, =second
        mov     r3, #0
        smc     #0
        bl      work
        ldr     r4, =ended
1:      ldr     r0, [r4]
        cmp     r0, #1
        bne     1b
        ldr     r4, =counter
        ldr     r0, [r4]
        pop     {r4, r5, r6, r7, r8, pc}
        .size   kernel, . - kernel

second: bl      work
        ldr     r4, =ended
        mov     r0, #1
        str     r0, [r4]
1:      b       1b

        .type   work, %function
work:
        ldr     r4, =lock
        ldr     r5, =counter
        ldr     r6, =TIMES
        mov     r7, #1
1:      ldrex   r0, [r4]
        cmp     r0, #0
        bne     1b
        strex   r0, r7, [r4]
        cmp     r0, #0
        bne     1b
        dmb
        ldr     r0, [r5]
        add     r0, r0, #1
        str     r0, [r5]
        dmb
        mov     r0, #0
        str     r0, [r4]
        subs    r6, r6, #1
        bne     1b
        bx      lr
        .size   work, . - work
        .ltorg

        .data
        .balign 64
lock:   .4byte  0
        .balign 64
counter:.4byte  0
ended:  .4byte  0

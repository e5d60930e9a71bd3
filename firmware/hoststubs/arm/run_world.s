@ A host that runs the guest which it is linked with, from `guest_entry` to its end.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif
        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, lr}
        ldr     r0, =vcpu
        ldr     r1, =guest_entry
        bl      reset_vcpu
        ldr     r0, =after_exit
        ldr     r1, =spoil
        str     r1, [r0]
        ldr     r0, =vcpu
        bl      run_vcpu
        pop     {r4, pc}
        .size   host_test, . - host_test
        .ltorg

        .section .rodata, "a"
        .balign 4
        .global slots
slots:  .word   0x40200000, 0x00400000, 0x40200000, 0
        .word   0x50000000, 0x00002000, 0x40800000, 0
        .word   0x50010000, 0x00001000, 0x40810000, 1
        .word   0, 0, 0, 0

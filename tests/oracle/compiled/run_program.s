@ The host stub's program: one guest that was loaded beside it, with 32 MB of memory and the serial port.
        .include "context.s"
        .text
        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, lr}
        ldr     r0, =vcpu
        ldr     r1, =0x40210000
        bl      reset_vcpu
        ldr     r0, =vcpu
        bl      run_vcpu
        pop     {r4, pc}
        .size   host_test, . - host_test
        .ltorg

        .data
        .global slots, guest_name
        .balign 4
slots:  .word   0x40200000, 0x02000000, 0x40200000, 0
        .word   0x09000000, 0x00001000, 0x09000000, 0
        .word   0, 0, 0, 0
guest_name:
        .asciz  "program"

@ A host that runs a test of a suite, which was loaded beside it: 64 MB of memory from where the board has its own, and the serial port.
@
@ The host itself is linked behind that memory. The test's addresses are the board's: the same file runs without a host.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    MEMORY, 0x40000000
        .equ    MEMORY_SIZE, 0x04000000
        .equ    UART, 0x09000000

        .global host_test
        .type   host_test, %function
host_test:
        push    {r4, lr}
        ldr     r0, =vcpu
        ldr     r1, =MEMORY + 0x10000
        bl      reset_vcpu
        ldr     r0, =absent_aborts
        mov     r1, #1
        str     r1, [r0]
        ldr     r0, =vcpu
        bl      run_vcpu
        pop     {r4, pc}
        .size   host_test, . - host_test
        .ltorg

        .data
        .balign 4
        .global slots, guest_name
slots:  .word   MEMORY, MEMORY_SIZE, MEMORY, 0
        .word   UART, 0x00001000, UART, 0
        .word   0, 0, 0, 0
guest_name:
        .asciz  "suite"

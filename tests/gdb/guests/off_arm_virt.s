@ finish(r0 = 0: passed): the verdict on the PL011, then PSCI SYSTEM_OFF by smc.
        .text
        .arm
        .equ    UART, 0x09000000
        .global finish
        .type   finish, %function
finish:
        cmp     r0, #0
        ldreq   r1, =passed
        ldrne   r1, =failed
        ldr     r2, =UART
1:      ldrb    r3, [r1], #1
        cmp     r3, #0
        beq     2f
        str     r3, [r2]
        b       1b
2:      ldr     r0, =PSCI_SYSTEM_OFF
        smc     #0
        b       .
        .size   finish, . - finish
        .ltorg

        .section .rodata, "a"
passed: .asciz  "PASS\n"
failed: .asciz  "FAIL\n"

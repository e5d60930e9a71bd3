@ Literal pools: what needs none, what is shared, several pools, pseudo-loads of 64 bits.
        .syntax unified
        .arm
        ldr     r0, =0
        ldr     r1, =4
        ldr     r2, =0xff000000
        ldr     r3, =0xffffffff
        ldr     r4, =-5
        ldr     r5, =0x1234
        ldr     r6, =0x12345678
        ldr     r7, =0x12345678
        ldreq   r8, =0x12345679
        ldr     r9, =symbol
        ldr     r9, =.Llocal
        .ltorg
.Llocal: nop
        ldr     r10, =0x12345678
        ldr     r11, =.text
        ldr     r12, =.Llocal + 4
        .pool
        nop
        ldr     r0, =0xdeadbeef
        .section .text.two, "ax"
        ldr     r0, =0xcafebabe
        ldr     r1, =0xdeadbeef
        .text
        ldr     r1, =0xdeadbeef
        nop

@ Literal loads of Thumb.
        .syntax unified
        .thumb
        ldr     r0, =0
        ldr     r0, =255
        ldr     r0, =256
        ldr     r0, =0xabcd
        ldr     r0, =0xff00ff00
        ldr     r0, =0xffffff00
        ldr     r0, =0x12345678
        ldr     r8, =0x12345678
        ldr.w   r0, =0x12345679
        ldr     r0, =symbol
        ldr     pc, =symbol
        nop
        .ltorg
        nop
        ldr     r0, =0x12345678

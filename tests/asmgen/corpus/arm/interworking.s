@ Both instruction sets in one section; calls across; alignment at the switch.
        .syntax unified
        .arm
        .type   arm_function, %function
arm_function:
        bl      thumb_function
        blx     thumb_function
        bx      lr
        .thumb
        .thumb_func
thumb_function:
        blx     arm_function
        bl      arm_function
        nop
        .arm
        mov     r0, r0
        .code   16
        nop
        .balign 4
        .code   32
        nop
        .thumb
        nop
        .byte   1, 2
        nop
        .data
        .word   1
        .word   thumb_function, arm_function

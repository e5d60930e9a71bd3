        .arch armv7ve
        .fpu neon-vfpv4
        .eabi_attribute 28, 1
        .eabi_attribute 20, 1
        .eabi_attribute 21, 1
        .eabi_attribute 23, 3
        .eabi_attribute 24, 1
        .eabi_attribute 25, 1
        .eabi_attribute 26, 2
        .eabi_attribute 30, 6
        .eabi_attribute 34, 1
        .eabi_attribute 18, 4
        .file   "unit.c"
        .text
        .align  1
        .p2align 2,,3
        .global main
        .syntax unified
        .thumb
        .thumb_func
        .type   main, %function
main:
        @ args = 0, pretend = 0, frame = 0
        push    {r3, lr}
        movw    r0, #:lower16:.LC0
        movt    r0, #:upper16:.LC0
        bl      puts(PLT)
        movs    r0, #0
        pop     {r3, pc}
        .size   main, .-main
        .section .rodata.str1.4,"aMS",%progbits,1
        .align  2
.LC0:
        .ascii  "hello\000"
        .ident  "GCC"
        .section .note.GNU-stack,"",%progbits

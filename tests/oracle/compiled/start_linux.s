@ A Linux process, as qemu-arm has it: write(1, text, length) and exit_group(status).
        .syntax unified
        .arch armv7ve
        .fpu neon-vfpv4
        .arm
        .globl _start, put, leave
_start: bl main
put:    push {r7, lr}
        mov r2, r1
        mov r1, r0
        mov r0, #1
        mov r7, #4
        svc #0
        pop {r7, pc}
leave:  mov r7, #248
        svc #0
        .type put, %function
        .type leave, %function
        .section .note.GNU-stack, "", %progbits

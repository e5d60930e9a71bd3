@ Bare metal with semihosting, in Supervisor mode: VFP and Advanced SIMD are enabled, then main. SYS_WRITEC writes a
@ character, SYS_EXIT_EXTENDED ends with a status.
        .syntax unified
        .arch armv7ve
        .fpu neon-vfpv4
        .arm
        .globl _start, put, leave
_start: ldr sp, =0x41000000
        mrc p15, 0, r0, c1, c0, 2
        orr r0, r0, #0xF00000
        mcr p15, 0, r0, c1, c0, 2
        isb
        mov r0, #0x40000000
        vmsr fpexc, r0
        bl main
put:    push {r4, r5, r6, lr}
        mov r4, r0
        add r5, r0, r1
1:      mov r1, r4
        mov r0, #3
        svc #0x123456
        add r4, r4, #1
        cmp r4, r5
        blo 1b
        pop {r4, r5, r6, pc}
leave:  ldr r1, =status
        str r0, [r1, #4]
        mov r0, #0x20
        svc #0x123456
        .data
status: .word 0x20026, 0
        .type put, %function
        .type leave, %function
        .section .note.GNU-stack, "", %progbits

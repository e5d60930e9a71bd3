@ A guest without firmware, in Supervisor mode: VFP and Advanced SIMD are enabled, then main. Characters go to the PL011, the status to
@ the board's debug-exit device.
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
put:    ldr r3, =0x09000000
        add r1, r0, r1
1:      ldrb r2, [r0], #1
        str r2, [r3]
        cmp r0, r1
        blo 1b
        bx lr
leave:  ldr r1, =0x090F0000
        str r0, [r1]
        b .
        .type put, %function
        .type leave, %function
        .section .note.GNU-stack, "", %progbits

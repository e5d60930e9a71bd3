@ A guest of the host stub, in Supervisor mode: VFP and Advanced SIMD are enabled, then main. Characters go to the PL011, which stage 2
@ has where it is; the end is PSCI's SYSTEM_OFF. A status that is not 0 never ends.
        .syntax unified
        .arch armv7ve
        .fpu neon-vfpv4
        .arm
        .arch_extension virt
        @ What stands in this section comes first: the host knows an address, no entry point.
        .section .text.unlikely, "ax", %progbits
        .globl _start, put, leave
_start: ldr sp, =0x41800000
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
leave:  cmp r0, #0
        bne leave
        ldr r0, =0x84000008
        hvc #0
        b .
        .type put, %function
        .type leave, %function
        .section .note.GNU-stack, "", %progbits

@ Runs a kernel in rounds on the `virt` board; firmware/lib/virt.s has the console and the way out.
@
@ The numbers of warm-up runs, of runs in a round and of rounds stand in `parameters`, where `trapline bench` writes them
@ into the finished file. A line "T checksum" on the console ends the warm-up and each round; whoever listens takes the time
@ there, so that neither start-up nor power-off counts.
@
@ A kernel is a function of the procedure call standard: r0 = address of the arena, result in r0.

        .text
        .global _start
        .type   _start, %function
_start:
        ldr     sp, =stack_top

        @ Floating point is off after reset: coprocessors 10 and 11 (ignored in Hyp mode), then FPEXC.EN.
        mrc     p15, 0, r0, c1, c0, 2
        orr     r0, r0, #0xF00000
        mcr     p15, 0, r0, c1, c0, 2
        isb
        mov     r0, #0x40000000
        vmsr    fpexc, r0

        ldr     r8, =parameters
        ldr     r7, [r8]                @ warm-up runs
        ldr     r6, [r8, #8]            @ rounds
next_round:
        mov     r9, #0                  @ the last checksum
1:      cmp     r7, #0
        beq     2f
        ldr     r0, =arena
        bl      kernel
        mov     r9, r0
        sub     r7, r7, #1
        b       1b
2:      bl      tell
        cmp     r6, #0
        beq     3f
        sub     r6, r6, #1
        ldr     r7, [r8, #4]            @ runs in a round
        b       next_round
3:      mov     r0, #0
        b       finish
        .size   _start, . - _start

@ tell: writes "T", a blank, r9 in eight digits and an end of line.
        .type   tell, %function
tell:
        push    {r5, lr}
        mov     r0, #'T'
        bl      putc
        mov     r0, #' '
        bl      putc
        mov     r5, #4
1:      ror     r9, r9, #24
        mov     r0, r9
        bl      put_hex
        subs    r5, r5, #1
        bne     1b
        mov     r0, #10
        bl      putc
        pop     {r5, pc}
        .size   tell, . - tell
        .ltorg

        .section .rodata, "a"
        .global guest_name
guest_name:
        .asciz  "bench"

        .data
@ Data and stack share no page with code: a store there would be one that may change code.
        .balign 4096
        .global parameters
parameters:
        .4byte  0, 0, 0, 0

        .bss
        .balign 16
        .skip   0x4000
stack_top:
        .balign 0x10000
        .global arena
arena:  .skip   0x100000

@ What gdb is shown on an Arm machine: a call chain, a counter in memory, a loop that spins, T32, and traps to spring.
@
@ The chain runs from _start to finish by itself. Each trap stands at a label of its own, which the tests enter by setting pc.

        .text
        .arm
        .equ    MODE_SVC, 0xD3                  @ Supervisor, interrupts masked
        .global _start
        .type   _start, %function
_start:
        @ Where the core begins in Hyp mode: give it vectors, and go on as a host in Supervisor mode.
        mrs     r0, cpsr
        and     r0, r0, #0x1F
        cmp     r0, #0x1A
        bne     supervisor
        ldr     r0, =hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0
        ldr     r0, =supervisor
        msr     ELR_hyp, r0
        mov     r0, #MODE_SVC
        msr     SPSR_cxsf, r0
enter_supervisor:
        eret
supervisor:
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 0
        ldr     sp, =stack_top
        bl      outer
        b       finish
        .size   _start, . - _start
        .ltorg

@ outer() -> r0 = 0: calls inner(3), with a frame of its own.
        .type   outer, %function
outer:
        .cfi_startproc
        push    {r4, lr}
        .cfi_def_cfa_offset 8
        .cfi_offset r4, -8
        .cfi_offset lr, -4
        mov     r0, #3
call_inner:
        bl      inner
        mov     r4, r0
        blx     thumb_larger
        mov     r0, #0
        pop     {r4, pc}
        .cfi_endproc
        .size   outer, . - outer

@ inner(r0 = how often) -> r0 = counter: adds 1 to it each time round.
        .type   inner, %function
inner:
        .cfi_startproc
        ldr     r1, =counter
        mov     r2, #0
again:  ldr     r3, [r1]
        add     r3, r3, #1
store:  str     r3, [r1]
        add     r2, r2, #1
        cmp     r2, r0
        blt     again
inner_end:
        mov     r0, r3
        bx      lr
        .cfi_endproc
        .size   inner, . - inner
        .ltorg

        .global spin
        .type   spin, %function
spin:   add     r8, r8, #1
        b       spin
        .size   spin, . - spin

@ Traps. Each is followed by a label that says that it came back.
        .macro  trap name, instruction:vararg
trap_\name:
        \instruction
after_\name:
        nop
        .endm
        trap    hvc, hvc #0
        trap    svc, svc #0
        trap    movs, movs pc, lr
        trap    rfe, rfeia r1
        trap    illegal, udf #0
        trap    load, ldr r2, [r1]
        trap    interworking, bx r1

@ An exclusive access: one turn is enough, if nobody takes it away.
trap_reserve:
        ldr     r1, =counter
reserve_again:
        ldrex   r2, [r1]
        add     r2, r2, #1
        strex   r3, r2, [r1]
        cmp     r3, #0
        bne     reserve_again
after_reserve:
        nop
        .ltorg

@ One line of the source, three instructions.
        .macro  three
        nop
        nop
        nop
        .endm
trap_line:
        three
after_line:
        nop

        .thumb
@ thumb_larger(r0, r1) -> r0: the larger one, through an IT block.
        .type   thumb_larger, %function
thumb_larger:
        cmp     r0, r1
thumb_it:
        ite     lt
        movlt   r0, r1
        movge   r0, r0
thumb_end:
        bx      lr
        .size   thumb_larger, . - thumb_larger

        .arm
        .balign 32
vectors:
        .rept   8
        b       .
        .endr
hyp_vectors:
        .rept   5
        b       .
        .endr
hyp_trap:
        eret
        b       .
        b       .

        .data
        .balign 8
        .global counter
counter:
        .word   0
returned:
        .word   after_rfe, MODE_SVC
pattern:
        .ascii  "Trapline pattern"
        .bss
        .balign 8
        .skip   4096
stack_top:
        .skip   64

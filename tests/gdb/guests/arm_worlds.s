@ The same function in several modes: in Hyp mode where the core begins there, in Supervisor mode, and in User mode.

        .text
        .arm
        .equ    MODE_USR, 0xD0
        .equ    MODE_SVC, 0xD3
        .global _start
_start:
        mrs     r0, cpsr
        and     r0, r0, #0x1F
        cmp     r0, #0x1A
        bne     supervisor
        bl      both
        ldr     r0, =supervisor
        msr     ELR_hyp, r0
        mov     r0, #MODE_SVC
        msr     SPSR_cxsf, r0
        eret
supervisor:
        bl      both
        ldr     lr, =user
        mov     r0, #MODE_USR
        msr     SPSR_cxsf, r0
        movs    pc, lr
user:   bl      both
        bl      both
wait:   b       wait
        .ltorg
both:   add     r7, r7, #1
        bx      lr

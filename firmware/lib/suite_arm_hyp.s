@ Exceptions to Hyp mode of a suite's tests, and how a test gets there and back. Part of suite_arm.s.

        .include "suite_arm_macros.s"

        .text
        .arm
@ From Hyp mode it goes back to SVC mode by an exception return; the vector is told as 0x100 and its offset.
        .macro  ends_step_from_hyp name, vector, address=0
\name:  mcr     p15, 0, r12, c13, c0, 2
        load32  r12, suite_state
        ldr     r12, [r12, #16]
        str     r11, [r12, #11 * 4]
        mov     r11, #0x100 + \vector
        str     r11, [r12, #WORD_TRAP]
        mrs     r11, ELR_hyp
        str     r11, [r12, #WORD_ELR]
        mrs     r11, spsr
        str     r11, [r12, #WORD_SPSR]
        mrc     p15, 4, r11, c5, c2, 0          @ HSR
        str     r11, [r12, #WORD_FSR]
        mrc     p15, 4, r11, c6, c0, \address   @ HDFAR, HIFAR
        str     r11, [r12, #WORD_FAR]
        mrc     p15, 4, r11, c6, c0, 4          @ HPFAR
        str     r11, [r12, #WORD_HPFAR]
        mrs     r11, cpsr
        str     r11, [r12, #WORD_ICPSR]
        b       on_hyp
        .endm
        ends_step_from_hyp on_hyp_undefined, 0x04
        ends_step_from_hyp on_hyp_call, 0x08
        ends_step_from_hyp on_hyp_prefetch_abort, 0x0C, 2
        ends_step_from_hyp on_hyp_data_abort, 0x10
        ends_step_from_hyp on_other_trap, 0x14
        ends_step_from_hyp on_hyp_irq, 0x18
        ends_step_from_hyp on_hyp_fiq, 0x1C
@ The library's own calls come this way as well: one goes on in Hyp mode, the other switches everything off.
on_hyp_trap:
        mcr     p15, 0, r12, c13, c0, 2
        mrc     p15, 4, r12, c5, c2, 0
        sub     r12, r12, #0x4A000000           @ HVC, an instruction of 32 bits
        sub     r12, r12, #SUITE_INTO_HYP & 0xFF00
        cmp     r12, #SUITE_INTO_HYP & 0xFF
        beq     1f
        cmp     r12, #SUITE_ALL_OFF & 0xFF
        beq     2f
        mrc     p15, 0, r12, c13, c0, 2
        b       on_other_trap
1:      mrs     r12, ELR_hyp
        str     r12, suite_hyp_code
        mrs     r12, spsr
        msr     cpsr_f, r12
        mrc     p15, 0, r12, c13, c0, 2
        ldr     pc, suite_hyp_code
suite_hyp_code:
        .word   0
2:      bl      hyp_all_off
        mrc     p15, 0, r12, c13, c0, 2
        eret
hyp_all_off:
        mov     r12, #0
        mcr     p15, 4, r12, c1, c1, 0          @ HCR
        mcr     p15, 4, r12, c1, c1, 2          @ HCPTR
        mcr     p15, 4, r12, c1, c1, 3          @ HSTR
        mrc     p15, 4, r12, c1, c1, 1          @ HDCR, but for HPMN
        and     r12, r12, #0x1F
        mcr     p15, 4, r12, c1, c1, 1
        mcr     p15, 4, r12, c8, c7, 4          @ TLBIALLNSNH
        isb
        bx      lr
on_hyp: bl      hyp_all_off
        load32  r12, suite_state
        ldr     r12, [r12, #16]
        load32  r11, suite_record
        msr     ELR_hyp, r11
        mrs     r11, spsr
        bic     r11, r11, #0x3F
        orr     r11, r11, #0x13
        msr     SPSR_cxsf, r11
        ldr     r11, [r12, #11 * 4]
        mrc     p15, 0, r12, c13, c0, 2
        eret
        .balign 32
        .global hyp_vectors
hyp_vectors:
        b       .
        b       on_hyp_undefined
        b       on_hyp_call
        b       on_hyp_prefetch_abort
        b       on_hyp_data_abort
        b       on_hyp_trap
        b       on_hyp_irq
        b       on_hyp_fiq

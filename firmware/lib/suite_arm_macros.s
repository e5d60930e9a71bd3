@ Macros of a suite's tests on Arm: constants, and where a step begins and ends (suite_arm.s).

        .syntax unified
        .equ    WORD_CPSR, 15 * 4
        .equ    WORD_TRAP, 16 * 4
        .equ    WORD_ELR, 17 * 4
        .equ    WORD_SPSR, 18 * 4
        .equ    WORD_FSR, 19 * 4
        .equ    WORD_FAR, 20 * 4
        .equ    WORD_REGS, 21 * 4
        .equ    WORD_FPSCR, 22 * 4
        .equ    WORD_DREGS, 23 * 4
        .equ    WORD_D0, 24 * 4
        .equ    WORD_HPFAR, 88 * 4
        .equ    WORD_ICPSR, 89 * 4
        .equ    SUITE_WORDS, 90
        .equ    SUITE_INTO_HYP, 0x5E70          @ HVC numbers of the library's own
        .equ    SUITE_ALL_OFF, 0x5E71

        .macro  load32 register, value
        movw    \register, #:lower16:(\value)
        movt    \register, #:upper16:(\value)
        .endm
        @ step N: from here on registers hold the pattern.
        .macro  step number
        load32  r0, checks_\number
        load32  r1, step_\number\()_done
        bl      suite_begin
        .endm
        @ record N: ends the step; what follows belongs to none.
        .macro  record number
        .global step_\number\()_done
step_\number\()_done:
        b       suite_record
        .endm
        @ The code between these is T32; no register changes on the way in or out.
        .macro  into_t32 number
        ldr     pc, step_\number\()_place
step_\number\()_place:
        .word   step_\number\()_t32 + 1
        .thumb
step_\number\()_t32:
        .endm
        .macro  out_of_t32
        .balign 4
        bx      pc
        nop
        .arm
        .endm
        @ The code between these runs in Hyp mode, where the board has one; no register changes on the way in or out.
        .macro  into_hyp
        hvc     #SUITE_INTO_HYP
        .endm
        .macro  out_of_hyp
        mcr     p15, 0, r12, c13, c0, 2
        adr     r12, 77f
        msr     ELR_hyp, r12
        mrs     r12, cpsr
        bic     r12, r12, #0x1F
        orr     r12, r12, #0x13
        msr     SPSR_cxsf, r12
        mrc     p15, 0, r12, c13, c0, 2
        eret
77:
        .endm

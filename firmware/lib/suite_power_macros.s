# Macros of a suite's tests on Power: constants, and where a step begins and ends (suite_power.s).

        .equ    WORD_CR, 32 * 8
        .equ    WORD_XER, 33 * 8
        .equ    WORD_LR, 34 * 8
        .equ    WORD_CTR, 35 * 8
        .equ    WORD_TRAP, 36 * 8
        .equ    WORD_SRR0, 37 * 8
        .equ    WORD_SRR1, 38 * 8
        .equ    WORD_DAR, 39 * 8
        .equ    WORD_DSISR, 40 * 8
        .equ    WORD_GPRS, 41 * 8
        .equ    WORD_IMSR, 42 * 8
        .equ    SUITE_VSID, 0x700               # of the page of 16 MB that problem state runs in

        .macro  load32 register, value
        lis     \register, (\value)@h
        ori     \register, \register, (\value)@l
        .endm
        .macro  load64 register, value
        lis     \register, (\value)@highest
        ori     \register, \register, (\value)@higher
        sldi    \register, \register, 32
        oris    \register, \register, (\value)@h
        ori     \register, \register, (\value)@l
        .endm

        # step N: from here on registers hold the pattern.
        .macro  step number
        load32  r3, checks_\number
        load32  r4, step_\number\()_done
        bl      suite_begin
        .endm
        # record N: ends the step; what follows belongs to none.
        .macro  record number
        .global step_\number\()_done
step_\number\()_done:
        b       suite_record
        .endm

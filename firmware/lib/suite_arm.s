@ What a test of a suite needs on the `virt` board: steps, checks, TAP on the serial port, a way out. See suite_power.s for what a
@ test is made of; here a step's words are r0-r14, CPSR, `trap` (the offset of the vector of an exception that ended the step, 0 for
@ none), the exception's LR and SPSR, its fault status (DFSR, IFSR, or HSR of one to Hyp mode) and address, `regs` (r0-r14 in one),
@ FPSCR, `dregs` (d0-d31 in one), then the halves of d0-d31, HPFAR of an exception to Hyp mode, and the CPSR that a handler finds.
@
@ Steps run in SVC mode, MMU off. Where the board starts in Hyp mode, exceptions to Hyp mode end the step as well, and a step can have
@ code of its own there (into_hyp, out_of_hyp); what it has set up, stage 1 and 2 among it, is off again behind the step. Registers on entry to a
@ step: r0-r14 = 0x01010101 times their number, flags clear, d0-d31 = what stands at suite_vectors (a test has it). TPIDRURW and
@ TPIDRPRW belong to the suite.

        .include "suite_arm_macros.s"

        .text
        .arm
        .global _start
        .type   _start, %function
_start:
        mrs     r0, cpsr
        and     r0, r0, #0x1F
        cmp     r0, #0x1A
        load32  r1, suite_in_hyp
        moveq   r2, #1
        movne   r2, #0
        str     r2, [r1]
        bne     1f
        load32  r0, hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        mov     r0, #0
        mcr     p15, 4, r0, c1, c1, 0           @ HCR: nothing is trapped
        mcr     p15, 4, r0, c1, c1, 2           @ HCPTR: nor floating point
        load32  r0, 1f
        msr     ELR_hyp, r0
        mov     r0, #0x1D3                      @ SVC mode, A, I and F masked
        msr     SPSR_cxsf, r0
        eret
1:      load32  r0, suite_vectors_table
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR
        mrc     p15, 0, r0, c1, c0, 2           @ CPACR: floating point and Advanced SIMD
        orr     r0, r0, #0xF00000
        mcr     p15, 0, r0, c1, c0, 2
        isb
        mov     r0, #0x40000000
        vmsr    fpexc, r0
        load32  sp, suite_stack_top
        load32  r0, text_version
        bl      suite_puts
        load32  r0, suite_steps
        bl      suite_put_decimal
        b       suite_main
        .size   _start, . - _start

@ suite_begin(r0 = checks of the step, r1 = where it ends): the number, the block, no exception so far, then the pattern.
        .global suite_begin
        .type   suite_begin, %function
suite_begin:
        load32  r2, suite_state
        ldr     r3, [r0]
        stmia   r2, {r0, r1, r3}                @ checks, where it ends, number
        adr     r6, suite_step_code
        str     lr, [r6]
        sub     r3, r3, #1
        mov     r4, #SUITE_WORDS * 4
        load32  r5, suite_blocks
        mla     r5, r3, r4, r5
        str     r5, [r2, #16]
        mov     r3, #0
        str     r3, [r5, #WORD_TRAP]
        str     r3, [r5, #WORD_ELR]
        str     r3, [r5, #WORD_SPSR]
        str     r3, [r5, #WORD_FSR]
        str     r3, [r5, #WORD_FAR]
        str     r3, [r5, #WORD_HPFAR]
        str     r3, [r5, #WORD_ICPSR]
        load32  r0, suite_vectors
        vldmia  r0!, {d0-d15}
        vldmia  r0, {d16-d31}
        vmsr    fpscr, r3
        clrex
        load32  r0, 0x01010101
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
        mov     r14, #\n
        mul     r\n, r0, r14
        .endr
        mov     r14, #14
        mul     r14, r0, r14
        msr     cpsr_fs, #0
        mov     r0, #0
        ldr     pc, suite_step_code             @ no register is left to hold it
        .global suite_step_code
suite_step_code:
        .word   0
        .size   suite_begin, . - suite_begin

@ suite_record: every register into the step's block; then the checks, then on behind the step.
        .global suite_record
        .type   suite_record, %function
suite_record:
        mcr     p15, 0, r12, c13, c0, 2
        mrs     r12, cpsr
        setend  le
        mcr     p15, 0, r12, c13, c0, 4
        load32  r12, suite_state
        ldr     r12, [r12, #16]
        stmia   r12, {r0-r11}
        mrc     p15, 0, r0, c13, c0, 2
        str     r0, [r12, #12 * 4]
        str     r13, [r12, #13 * 4]
        str     r14, [r12, #14 * 4]
        mrc     p15, 0, r0, c13, c0, 4
        str     r0, [r12, #WORD_CPSR]
        cps     #0x13
        load32  r12, suite_state                @ FIQ mode has an r12 of its own
        ldr     r12, [r12, #16]
        bl      suite_all_off
        mov     r1, #0x40000000
        vmsr    fpexc, r1
        vmrs    r0, fpscr
        str     r0, [r12, #WORD_FPSCR]
        add     r1, r12, #WORD_D0
        vstmia  r1!, {d0-d15}
        vstmia  r1, {d16-d31}
        load32  sp, suite_stack_top
        mov     r4, r12
        mov     r0, r4
        mov     r1, #15
        bl      suite_sum
        str     r0, [r4, #WORD_REGS]
        add     r0, r4, #WORD_D0
        mov     r1, #64
        bl      suite_sum
        str     r0, [r4, #WORD_DREGS]
        load32  r0, suite_recording
        ldr     r0, [r0]
        cmp     r0, #0
        bne     9f
        load32  r5, suite_state
        ldr     r5, [r5]                        @ the step's checks
        mov     r6, #0                          @ differences so far
        ldr     r7, [r5, #16]
        add     r8, r5, #20
1:      subs    r7, r7, #1
        bmi     2f
        ldr     r0, [r8]
        ldr     r9, [r4, r0, lsl #2]
        ldr     r1, [r8, #4]
        ldr     r10, [r8, #8]
        eor     r0, r9, r10
        tst     r0, r1
        blne    suite_difference
        add     r8, r8, #12
        b       1b
2:      ldr     r8, [r5, #12]                   @ the answers that are allowed at all
        cmp     r8, #0
        beq     5f
        ldr     r7, [r8], #4
        ldr     r9, [r4]
3:      subs    r7, r7, #1
        bmi     4f
        ldr     r0, [r8], #4
        cmp     r0, r9
        beq     5f
        b       3b
4:      bl      suite_head
        load32  r0, text_excluded
        bl      suite_puts
        mov     r0, r9
        bl      suite_put_hex
5:      cmp     r6, #0
        bne     6f
        load32  r0, text_ok
        bl      suite_point
        b       9f
6:      load32  r0, text_tail
        bl      suite_puts
        load32  r0, suite_failed
        ldr     r1, [r0]
        add     r1, r1, #1
        str     r1, [r0]
9:      load32  r0, suite_state
        ldr     r0, [r0, #4]
        add     pc, r0, #4
        .size   suite_record, . - suite_record

@ suite_all_off: whatever a step has set up: stage 1, and what Hyp mode traps and translates. r0 is lost.
suite_all_off:
        mrc     p15, 0, r0, c1, c0, 0           @ SCTLR
        bic     r0, r0, #1
        mcr     p15, 0, r0, c1, c0, 0
        isb
        load32  r0, suite_in_hyp
        ldr     r0, [r0]
        cmp     r0, #0
        beq     1f
        hvc     #SUITE_ALL_OFF
1:      mrc     p15, 0, r0, c1, c0, 2           @ CPACR
        orr     r0, r0, #0xF00000
        mcr     p15, 0, r0, c1, c0, 2
        isb
        bx      lr

@ suite_sum(r0 = words, r1 = how many): each rotated into what came before
suite_sum:
        mov     r2, #0
1:      ldr     r3, [r0], #4
        eor     r2, r3, r2, ror #31
        subs    r1, r1, #1
        bne     1b
        mov     r0, r2
        bx      lr

@ suite_point(r0 = "ok " or "not ok "): a test point with the step's number and title.
suite_point:
        push    {r4, lr}
        bl      suite_puts
        ldr     r0, [r5]
        bl      suite_put_decimal
        load32  r0, text_dash
        bl      suite_puts
        ldr     r0, [r5, #4]
        bl      suite_puts
        pop     {r4, pc}

@ suite_head: once for each step that fails: the test point, and the rule that it is checked by.
suite_head:
        add     r6, r6, #1
        cmp     r6, #1
        bxne    lr
        push    {r4, lr}
        load32  r0, text_not_ok
        bl      suite_point
        load32  r0, text_rule
        bl      suite_puts
        ldr     r0, [r5, #8]
        bl      suite_puts
        load32  r0, text_differences
        bl      suite_puts
        pop     {r4, pc}

@ suite_difference: the word, what was expected, and what came.
suite_difference:
        push    {r4, lr}
        bl      suite_head
        load32  r0, text_word
        bl      suite_puts
        load32  r0, suite_names
        ldr     r1, [r8]
        ldr     r0, [r0, r1, lsl #2]
        bl      suite_puts
        load32  r0, text_expected
        bl      suite_puts
        mov     r0, r10
        bl      suite_put_hex
        load32  r0, text_came
        bl      suite_puts
        mov     r0, r9
        bl      suite_put_hex
        load32  r0, text_mask
        bl      suite_puts
        ldr     r0, [r8, #4]
        bl      suite_put_hex
        load32  r0, text_brace
        bl      suite_puts
        pop     {r4, pc}

@ Every exception is one of a step: it leaves what hardware told about it, and ends the step. Each has a mode and an LR of its own.
        .macro  ends_step name, vector, status, address
\name:  setend  le
        mcr     p15, 0, r12, c13, c0, 2
        load32  r12, suite_state
        ldr     r12, [r12, #16]
        str     lr, [r12, #WORD_ELR]
        mrs     lr, cpsr
        str     lr, [r12, #WORD_ICPSR]
        mov     lr, #\vector
        str     lr, [r12, #WORD_TRAP]
        mrs     lr, spsr
        str     lr, [r12, #WORD_SPSR]
        .if     \status >= 0
        mrc     p15, 0, lr, c5, c0, \status
        str     lr, [r12, #WORD_FSR]
        mrc     p15, 0, lr, c6, c0, \address
        str     lr, [r12, #WORD_FAR]
        .endif
        mrs     r12, spsr                       @ the flags as the step left them
        msr     cpsr_fs, r12
        mrc     p15, 0, r12, c13, c0, 2
        cps     #0x13
        b       suite_record
        .endm
        ends_step on_undefined, 0x04, -1, 0
        ends_step on_supervisor_call, 0x08, -1, 0
        ends_step on_prefetch_abort, 0x0C, 1, 2
        ends_step on_data_abort, 0x10, 0, 0
        ends_step on_irq, 0x18, -1, 0
        ends_step on_fiq, 0x1C, -1, 0
        .balign 32
suite_vectors_table:
        b       .
        b       on_undefined
        b       on_supervisor_call
        b       on_prefetch_abort
        b       on_data_abort
        b       .
        b       on_irq
        b       on_fiq

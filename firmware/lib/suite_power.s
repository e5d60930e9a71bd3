# What a test of a suite needs on a pseries partition: steps, checks, TAP on the console, a way out.
#
# A test is a list of steps. `step N` begins one: every register gets a pattern, so that what the step does not set is known.
# The step's own code follows, and `record N` ends it: all registers go into the step's block in memory, and are compared
# with the checks of the step (`checks_N`). An interrupt ends the step as well, and leaves its vector, SRR0, SRR1, DAR and
# DSISR there; so an interrupt that is expected is a check like any other. Each step is one test point of TAP 14.
#
#   suite_main       the first step; a test defines it. It ends with `b suite_end`
#   suite_steps      how many steps there are (.equ, global)
#   checks_N         .quad N, title, rule, allowed; .quad count; then (word, mask, expected) for each check
#   suite_names      names of the words of a block, in their order (here)
#   suite_blocks     what came in each step: suite_steps blocks of SUITE_WORDS doublewords (a test has them)
#   suite_log        everything that was printed, for a debugger where no console is
#   suite_failed     how many steps failed;  suite_done: 1 at the end
#   suite_is_alone   1: the test has the core to itself (it began in hypervisor state), and prints into suite_log alone
#   suite_recording  1: nothing is compared or printed (what the generator asks for expectations)
#
# Registers on entry to a step: r0-r31 = 0x0101… times their number, CR and XER zero. SPRG2 and SPRG3 belong to the suite.
# The word `imsr` is the MSR that an interrupt's handler finds.
# The word `gprs` is r0-r31, each rotated into what came before: a register that nobody names cannot change unseen.

        .equ    SUITE_WORDS, 43

        .include "suite_power_macros.s"

        .text
        .global _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined lr                       # nobody called: a debugger's backtrace ends here
        load32  r1, suite_stack_top
        # Real mode, 64 bits, interrupts off; floating point, vectors and VSX on where there are any.
        mfmsr   r3
        load64  r4, 0x0000000002802000
        or      r3, r3, r4
        mtmsrd  r3
        rldicl. r31, r3, 4, 63                  # MSR.HV: the core is the test's own
        beq     1f
        bl      suite_alone
        mfmsr   r3
1:
        load32  r4, suite_msr
        std     r3, 0(r4)
        # Problem state is translated, always (rfid, Power ISA 2.06 Book III-S, 4.3.1): one segment and one page of 16 MB are what a
        # test needs to run there, at the addresses that it is linked at.
        load32  r4, 0x8000000                   # ESID 0, entry 0
        load32  r5, SUITE_VSID << 12 | 0x100    # large pages, no keys
        slbmte  r5, r4
        isync
        cmpdi   r31, 0
        bne     2f
        load64  r3, H_ENTER
        load64  r4, H_EXACT
        load32  r5, SUITE_VSID * 8
        load32  r6, SUITE_VSID << 12 | 5        # valid, large
        load32  r7, 0x12                        # memory, for everybody to read and write
        sc      1
2:      load32  r3, text_version
        bl      suite_puts
        li      r3, suite_steps
        bl      suite_put_decimal
        bl      suite_flush
        b       suite_main
        .cfi_endproc
        .size   _start, . - _start

# suite_begin(r3 = checks of the step, r4 = where it ends): the number, the block, no interrupt so far, then the pattern.
        .global suite_begin
        .type   suite_begin, @function
suite_begin:
        load32  r5, suite_state
        std     r3, STATE_CHECKS(r5)
        std     r4, STATE_DONE(r5)
        mflr    r6
        ld      r7, 0(r3)
        std     r7, STATE_STEP(r5)
        addi    r7, r7, -1
        mulli   r7, r7, SUITE_WORDS * 8
        load32  r8, suite_blocks
        add     r8, r8, r7
        std     r8, STATE_BLOCK(r5)
        li      r9, 0
        std     r9, WORD_TRAP(r8)
        std     r9, WORD_SRR0(r8)
        std     r9, WORD_SRR1(r8)
        std     r9, WORD_DAR(r8)
        std     r9, WORD_DSISR(r8)
        std     r9, WORD_IMSR(r8)
        load32  r9, 0x7FFFFFFF
        mtdec   r9                              # a test that wants the decrementer sets it
        mtctr   r6
        li      r9, 0
        mtcrf   0xFF, r9
        mtxer   r9
        load64  r31, 0x0101010101010101
        li      r0, 0
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        mulli   r\n, r31, \n
        .endr
        mulli   r31, r31, 31
        bctr
        .size   suite_begin, . - suite_begin

# suite_record: every register into the step's block, whatever state the step left; then the checks, then on behind the step.
        .global suite_record
        .type   suite_record, @function
suite_record:
        mtsprg  2, r1
        lis     r1, (suite_state + STATE_BLOCK)@ha
        ld      r1, (suite_state + STATE_BLOCK)@l(r1)
        std     r0, 0(r1)
        .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        std     r\n, \n * 8(r1)
        .endr
        mfsprg  r0, 2
        std     r0, 8(r1)
        mfcr    r0
        std     r0, WORD_CR(r1)
        mfxer   r0
        std     r0, WORD_XER(r1)
        mflr    r0
        std     r0, WORD_LR(r1)
        mfctr   r0
        std     r0, WORD_CTR(r1)
        load32  r3, suite_msr
        ld      r3, 0(r3)
        mtmsrd  r3
        li      r3, 32                          # one word that every general register goes into
        mtctr   r3
        addi    r4, r1, -8
        li      r5, 0
9:      ldu     r3, 8(r4)
        rotldi  r5, r5, 1
        xor     r5, r5, r3
        bdnz    9b
        std     r5, WORD_GPRS(r1)
        load32  r31, suite_state
        mr      r30, r1
        load32  r1, suite_stack_top
        ld      r3, STATE_DONE(r31)
        addi    r3, r3, 4
        std     r3, STATE_NEXT(r31)
        lis     r3, suite_recording@ha
        lwz     r3, suite_recording@l(r3)
        cmpwi   r3, 0
        bne     5f
        ld      r29, STATE_CHECKS(r31)
        li      r28, 0                          # differences so far
        ld      r27, 32(r29)                    # checks that are left
        addi    r26, r29, 40
1:      cmpdi   r27, 0
        beq     2f
        ld      r3, 0(r26)
        sldi    r3, r3, 3
        ldx     r25, r30, r3
        ld      r4, 8(r26)
        ld      r24, 16(r26)
        xor     r5, r25, r24
        and.    r5, r5, r4
        beq     3f
        bl      suite_difference
3:      addi    r26, r26, 24
        addi    r27, r27, -1
        b       1b
2:      ld      r26, 24(r29)                    # the answers that are allowed at all
        cmpdi   r26, 0
        beq     4f
        ld      r27, 0(r26)
        ld      r25, 3 * 8(r30)
        mtctr   r27
6:      ldu     r4, 8(r26)
        cmpd    r4, r25
        beq     4f
        bdnz    6b
        bl      suite_head
        load32  r3, text_excluded
        bl      suite_puts
        mr      r3, r25
        bl      suite_put_hex
4:      cmpdi   r28, 0
        bne     7f
        load32  r3, text_ok
        bl      suite_point
        b       8f
7:      load32  r3, text_tail
        bl      suite_puts
        load32  r3, suite_failed
        ld      r4, 0(r3)
        addi    r4, r4, 1
        std     r4, 0(r3)
8:      bl      suite_flush
5:      load32  r3, suite_state
        ld      r3, STATE_NEXT(r3)
        mtctr   r3
        bctr
        .size   suite_record, . - suite_record

# suite_point(r3 = "ok " or "not ok "): a test point with the step's number and title.
suite_point:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        bl      suite_puts
        ld      r3, 0(r29)
        bl      suite_put_decimal
        load32  r3, text_dash
        bl      suite_puts
        ld      r3, 8(r29)
        bl      suite_puts
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr

# suite_head: once for each step that fails: the test point, and the rule that it is checked by.
suite_head:
        addi    r28, r28, 1
        cmpdi   r28, 1
        bnelr
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        load32  r3, text_not_ok
        bl      suite_point
        load32  r3, text_rule
        bl      suite_puts
        ld      r3, 16(r29)
        bl      suite_puts
        load32  r3, text_differences
        bl      suite_puts
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr

# suite_difference: the word, what was expected, and what came.
suite_difference:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        bl      suite_head
        load32  r3, text_word
        bl      suite_puts
        load32  r3, suite_names
        ld      r4, 0(r26)
        sldi    r4, r4, 3
        ldx     r3, r3, r4
        bl      suite_puts
        load32  r3, text_expected
        bl      suite_puts
        mr      r3, r24
        bl      suite_put_hex
        load32  r3, text_came
        bl      suite_puts
        mr      r3, r25
        bl      suite_put_hex
        load32  r3, text_mask
        bl      suite_puts
        ld      r3, 8(r26)
        bl      suite_put_hex
        load32  r3, text_brace
        bl      suite_puts
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr

        .section .rodata, "a"
text_version:     .asciz "TAP version 14\n1.."
text_ok:          .asciz "\nok "
text_not_ok:      .asciz "\nnot ok "
text_dash:        .asciz " - "
text_rule:        .asciz "\n  ---\n  rule: '"
text_differences: .asciz "'\n  differences:"
text_word:        .asciz "\n    - {word: "
text_expected:    .asciz ", expected: "
text_came:        .asciz ", came: "
text_mask:        .asciz ", mask: "
text_brace:       .asciz "}"
text_excluded:    .asciz "\n  excluded: "
text_tail:        .asciz "\n  ..."
        .balign 8
suite_names:
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        .quad   name_r\n
        .endr
        .quad   name_cr, name_xer, name_lr, name_ctr, name_trap, name_srr0, name_srr1, name_dar, name_dsisr, name_gprs
        .quad   name_imsr
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
name_r\n: .asciz "r\n"
        .endr
name_cr:    .asciz "cr"
name_xer:   .asciz "xer"
name_lr:    .asciz "lr"
name_ctr:   .asciz "ctr"
name_trap:  .asciz "trap"
name_srr0:  .asciz "srr0"
name_srr1:  .asciz "srr1"
name_dar:   .asciz "dar"
name_dsisr: .asciz "dsisr"
name_gprs:  .asciz "gprs"
name_imsr:  .asciz "imsr"

        .data
        .balign 16
        .equ    STATE_STEP, 0
        .equ    STATE_CHECKS, 8
        .equ    STATE_DONE, 16
        .equ    STATE_NEXT, 24
        .equ    STATE_BLOCK, 32
        .equ    STATE_R0, 40
        .global suite_state
suite_state:
        .quad   0, 0, 0, 0, suite_blocks, 0
        .global suite_failed
suite_failed:
        .quad   0
suite_msr:
        .quad   0
        .global suite_recording, suite_is_alone
suite_recording:
        .long   0
suite_is_alone:
        .long   0
        .bss
        .balign 16
        .skip   4096
suite_stack_top:
        .skip   256

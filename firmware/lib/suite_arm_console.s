@ What a test of a suite says, and how it ends: a log in memory, the board's serial port, power-off. Part of suite_arm.s.

        .include "suite_arm_macros.s"
        .equ    UART0, 0x09000000               @ PL011 of the board; DR at 0, FR at 0x18
        .equ    SUITE_LOG_SIZE, 0x10000

        .text
        .arm
@ suite_puts(r0 = text that ends with 0): into the log, and to the port
        .global suite_puts
        .type   suite_puts, %function
suite_puts:
        load32  r1, suite_log_end
        ldr     r2, [r1]
        load32  r3, suite_log_last
        mov     r12, #UART0
1:      ldrb    r1, [r0], #1
        cmp     r1, #0
        beq     3f
        strb    r1, [r2]
        cmp     r2, r3                          @ a log that is full keeps its last place for whatever comes
        addne   r2, r2, #1
        push    {r0}
2:      ldr     r0, [r12, #0x18]
        tst     r0, #0x20                       @ transmit FIFO full
        bne     2b
        pop     {r0}
        str     r1, [r12]
        b       1b
3:      load32  r1, suite_log_end
        str     r2, [r1]
        bx      lr
        .size   suite_puts, . - suite_puts

@ suite_put_hex(r0): 0x and eight digits
        .global suite_put_hex
        .type   suite_put_hex, %function
suite_put_hex:
        load32  r1, suite_digits + 2
        mov     r2, #8
1:      lsr     r3, r0, #28
        lsl     r0, r0, #4
        cmp     r3, #10
        addlo   r3, r3, #'0'
        addhs   r3, r3, #'a' - 10
        strb    r3, [r1], #1
        subs    r2, r2, #1
        bne     1b
        load32  r0, suite_digits
        b       suite_puts
        .size   suite_put_hex, . - suite_put_hex

@ suite_put_decimal(r0): below 100000
        .global suite_put_decimal
        .type   suite_put_decimal, %function
suite_put_decimal:
        load32  r1, suite_decimal + 5
        mov     r2, #10
1:      udiv    r3, r0, r2
        mls     r12, r3, r2, r0
        add     r12, r12, #'0'
        strb    r12, [r1, #-1]!
        movs    r0, r3
        bne     1b
        mov     r0, r1
        b       suite_puts
        .size   suite_put_decimal, . - suite_put_decimal

@ suite_end: the last line, then PSCI SYSTEM_OFF. Whoever runs the test through a debugger stops here.
        .global suite_end
        .type   suite_end, %function
suite_end:
        load32  r0, suite_done
        mov     r1, #1
        str     r1, [r0]
        load32  r0, text_newline
        bl      suite_puts
        load32  r1, suite_in_hyp
        ldr     r1, [r1]
        load32  r0, PSCI_SYSTEM_OFF
        cmp     r1, #0
        beq     1f
        smc     #0                              @ the firmware is below a host that owns Hyp mode
1:      hvc     #0                              @ a guest's hypervisor
        b       1b
        .size   suite_end, . - suite_end

        .section .rodata, "a"
        .global text_version, text_ok, text_not_ok, text_dash, text_rule, text_differences, text_word, text_expected
        .global text_came, text_mask, text_brace, text_excluded, text_tail
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
text_newline:     .asciz "\n"
        .balign 4
        .global suite_names
suite_names:
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
        .word   name_r\n
        .endr
        .word   name_cpsr, name_trap, name_elr, name_spsr, name_fsr, name_far, name_regs, name_fpscr, name_dregs
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        .word   name_d\n\()l, name_d\n\()h
        .endr
        .word   name_hpfar, name_icpsr
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
name_r\n: .asciz "r\n"
        .endr
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
name_d\n\()l: .asciz "d\n\().low"
name_d\n\()h: .asciz "d\n\().high"
        .endr
name_cpsr:  .asciz "cpsr"
name_trap:  .asciz "trap"
name_elr:   .asciz "elr"
name_spsr:  .asciz "spsr"
name_fsr:   .asciz "fsr"
name_far:   .asciz "far"
name_regs:  .asciz "regs"
name_fpscr: .asciz "fpscr"
name_dregs: .asciz "dregs"
name_hpfar: .asciz "hpfar"
name_icpsr: .asciz "icpsr"

        .data
        .balign 8
        .global suite_state
suite_state:
        .word   0, 0, 0, 0, suite_blocks, 0
        .global suite_in_hyp
suite_in_hyp:
        .word   0
        .global suite_failed
suite_failed:
        .word   0
        .global suite_done
suite_done:
        .word   0
        .global suite_log_end
suite_log_end:
        .word   suite_log
        .global suite_recording
suite_recording:
        .word   0
suite_digits:
        .asciz  "0x--------"
suite_decimal:
        .asciz  "-----"
        .bss
        .balign 16
        .skip   1024
        .global suite_stack_top
suite_stack_top:
        .skip   64
        .global suite_log
suite_log:
        .skip   SUITE_LOG_SIZE - 32
suite_log_last:
        .skip   32

# What a test of a suite says, and how it ends: a log in memory, the partition's terminal, power-off. Part of suite_power.s.

        .include "suite_power_macros.s"

        .equ    SUITE_LOG_SIZE, 0x10000

        .text
# Text goes into the log; `suite_flush` writes what is new to the terminal, sixteen characters a call.
# suite_puts(r3 = text that ends with 0)
        .global suite_puts
        .type   suite_puts, @function
suite_puts:
        load32  r5, suite_log_end
        ld      r6, 0(r5)
        load32  r8, suite_log_last
1:      lbz     r7, 0(r3)
        cmpwi   r7, 0
        beq     2f
        stb     r7, 0(r6)
        addi    r3, r3, 1
        cmpld   r6, r8                          # a log that is full keeps its last place for whatever comes
        beq     1b
        addi    r6, r6, 1
        b       1b
2:      std     r6, 0(r5)
        blr
        .size   suite_puts, . - suite_puts

# suite_put_hex(r3): 0x and sixteen digits
        .global suite_put_hex
        .type   suite_put_hex, @function
suite_put_hex:
        load32  r5, suite_digits + 2
        li      r6, 16
        mtctr   r6
1:      rldicl  r3, r3, 4, 0
        clrldi  r6, r3, 60
        cmpdi   r6, 9
        addi    r6, r6, '0'
        ble     2f
        addi    r6, r6, 'a' - '0' - 10
2:      stb     r6, 0(r5)
        addi    r5, r5, 1
        bdnz    1b
        load32  r3, suite_digits
        b       suite_puts
        .size   suite_put_hex, . - suite_put_hex

# suite_put_decimal(r3): below 100000
        .global suite_put_decimal
        .type   suite_put_decimal, @function
suite_put_decimal:
        load32  r5, suite_decimal + 5
        li      r7, 10
1:      divdu   r6, r3, r7
        mulld   r8, r6, r7
        subf    r8, r8, r3
        addi    r8, r8, '0'
        addi    r5, r5, -1
        stb     r8, 0(r5)
        mr      r3, r6
        cmpdi   r3, 0
        bne     1b
        mr      r3, r5
        b       suite_puts
        .size   suite_put_decimal, . - suite_put_decimal

# suite_flush: what the log has and the terminal has not yet
        .global suite_flush
        .type   suite_flush, @function
suite_flush:
        load32  r9, suite_is_alone
        lwz     r9, 0(r9)
        cmpwi   r9, 0
        bnelr                                   # there is nobody to call
        load32  r9, suite_log_end
        ld      r10, 0(r9)                      # where the log ends
        ld      r11, 8(r9)                      # what is written
        subf    r5, r11, r10
        cmpdi   r5, 0
        blelr
        cmpdi   r5, 16
        ble     1f
        li      r5, 16
1:      ld      r6, 0(r11)
        ld      r7, 8(r11)
        add     r11, r11, r5
        std     r11, 8(r9)
        mr      r12, r5
2:      li      r3, H_PUT_TERM_CHAR
        li      r4, 0
        mr      r5, r12
        sc      1
        cmpdi   r3, H_BUSY
        beq     2b
        b       suite_flush
        .size   suite_flush, . - suite_flush

# suite_end: the last line, then power-off through RTAS. Whoever runs the test through a debugger stops here.
        .global suite_end
        .type   suite_end, @function
suite_end:
        load32  r3, suite_done
        li      r4, 1
        std     r4, 0(r3)
        load32  r3, text_newline
        bl      suite_puts
        bl      suite_flush
        load32  r4, suite_is_alone
        lwz     r4, 0(r4)
        cmpwi   r4, 0
        bne     1f
        load32  r4, suite_rtas
        load32  r3, H_RTAS
        sc      1
        # A machine without this call goes on here; there is nothing left to do.
1:      b       1b
        .size   suite_end, . - suite_end

        .section .rodata, "a"
text_newline:  .asciz "\n"

        .data
        .balign 8
        .global suite_log_end
suite_log_end:
        .quad   suite_log, suite_log
        .global suite_done
suite_done:
        .quad   0
        .global suite_rtas
suite_rtas:
        .long   power_off, 2, 1, -1, -1, 0, 0
suite_digits:
        .asciz  "0x----------------"
suite_decimal:
        .asciz  "-----"
        .bss
        .balign 16
        .global suite_log
suite_log:
        .skip   SUITE_LOG_SIZE - 32
suite_log_last:
        .skip   32

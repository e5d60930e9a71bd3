# The host's console, what it says of an exit that it has no answer to, and the end of the machine.

# putc(r3): to the serial port.
        .type   putc, @function
putc:
        load64  r4, UART
        stb     r3, 0(r4)
        blr
        .size   putc, . - putc

        .type   puts, @function
puts:
        enter   30
        addi    r30, r3, -1
1:      lbzu    r3, 1(r30)
        cmpwi   r3, 0
        beq     2f
        bl      putc
        b       1b
2:      leave   30
        .size   puts, . - puts

# put_hex(r3): sixteen digits.
        .type   put_hex, @function
put_hex:
        enter   29
        mr      r30, r3
        li      r29, 16
1:      rldicl  r3, r30, 4, 60
        sldi    r30, r30, 4
        addi    r3, r3, '0'
        cmpwi   r3, '9'
        ble     2f
        addi    r3, r3, 'A' - '0' - 10
2:      bl      putc
        addi    r29, r29, -1
        cmpwi   r29, 0
        bne     1b
        leave   29
        .size   put_hex, . - put_hex

# An exit that nobody has an answer to: what the vcpu was doing, and the end.
        .type   unknown_exit, @function
unknown_exit:
        mr      r30, r3
        address r3, text_exit
        bl      puts
        mr      r3, r30
        bl      put_hex
        address r3, text_pc
        bl      puts
        ld      r3, VCPU_PC(r31)
        bl      put_hex
        address r3, text_word
        bl      puts
        ld      r3, VCPU_WORD(r31)
        bl      put_hex
fail:   li      r3, 10
        bl      putc
        .if     POWER7
        b       sleep_for_good
        .else
        li      r3, 1
        b       machine_off_with
        .endif
        .size   unknown_exit, . - unknown_exit

# The machine is off when all of its threads sleep for good. The 970 has no mode for that: its machine is told.
        .type   machine_off, @function
machine_off:
        .if     POWER7
        bl      end_of_work
sleep_for_good:
        li      r3, 0
        mtspr   SPR_LPCR, r3                    # nothing ends it
1:      rvwinkle
        b       1b
        .else
        li      r3, 0
machine_off_with:
        load64  r4, DEBUG_EXIT
        stb     r3, 0(r4)
sleep_for_good:
        b       sleep_for_good
        .endif
        .size   machine_off, . - machine_off

        .section .rodata, "a"
text_exit:
        .asciz  "FAIL host: no answer to exit "
text_pc:
        .asciz  " at pc "
text_word:
        .asciz  ", instruction "
        .text

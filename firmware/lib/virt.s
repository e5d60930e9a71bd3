@ What every guest of the `virt` board needs: a serial port, a verdict, a way out.
@
@ The verdict goes to the PL011 as a line that begins with PASS or FAIL, which the machine reports as its exit status; then the
@ board is switched off through PSCI. Code here uses r0-r3 and r12 only, and runs in SVC mode with the MMU off.

        .text
        .equ    UART0, 0x09000000               @ PL011 of the board; DR at 0, FR at 0x18
        .equ    UART_FR, 0x18
        .equ    FR_TXFF, 0x20                   @ transmit FIFO full

@ puts(r0 = text that ends with 0)
        .global puts
        .type   puts, %function
puts:
        .cfi_startproc
        push    {r4, lr}
        .cfi_def_cfa_offset 8
        .cfi_offset lr, -4
        mov     r4, r0
1:      ldrb    r0, [r4], #1
        cmp     r0, #0
        beq     2f
        bl      putc
        b       1b
2:      pop     {r4, pc}
        .cfi_endproc
        .size   puts, . - puts

@ putc(r0)
        .global putc
        .type   putc, %function
putc:
        ldr     r1, =UART0
1:      ldr     r2, [r1, #UART_FR]
        tst     r2, #FR_TXFF
        bne     1b
        str     r0, [r1]
        bx      lr
        .size   putc, . - putc

@ put_hex(r0): two digits
        .global put_hex
        .type   put_hex, %function
put_hex:
        .cfi_startproc
        push    {r4, lr}
        .cfi_def_cfa_offset 8
        .cfi_offset lr, -4
        mov     r4, r0
        lsr     r0, r4, #4
        bl      put_digit
        mov     r0, r4
        bl      put_digit
        pop     {r4, pc}
        .cfi_endproc
        .size   put_hex, . - put_hex

        .type   put_digit, %function
put_digit:
        and     r0, r0, #15
        cmp     r0, #10
        addlo   r0, r0, #'0'
        addhs   r0, r0, #'A' - 10
        b       putc
        .size   put_digit, . - put_digit

@ finish(r0 = 0, or the number of the check that failed): verdict, then off
        .global finish
        .type   finish, %function
finish:
        mov     r5, r0
        cmp     r5, #0
        ldreq   r0, =text_pass
        ldrne   r0, =text_fail
        bl      puts
        ldr     r0, =guest_name
        bl      puts
        cmp     r5, #0
        beq     1f
        ldr     r0, =text_check
        bl      puts
        mov     r0, r5
        bl      put_hex
1:      mov     r0, #10
        bl      putc
        ldr     r0, =PSCI_SYSTEM_OFF
        @ A host that owns Hyp mode reaches PSCI below it, through the secure monitor.
        smc     #0
2:      b       2b
        .size   finish, . - finish
        .ltorg

        .section .rodata, "a"
text_pass:  .asciz "PASS "
text_fail:  .asciz "FAIL "
text_check: .asciz ": check "

@ What guests of hoststubs/arm share: vectors, checks, a verdict on the serial port, a way out. All of it stands in the guest's own
@ memory, from 0x40200000 on.
@
@ r9 is where the next exception goes on, r11 tells which one came: 1 undefined, 2 prefetch abort, 3 data abort, 4 IRQ.

        .syntax unified
        .equ    UART, 0x09000000
        .equ    UART_ID, 0x09000FE0
        .section .guest, "ax"
        .place  .guest, 0x40200000
        .if T32
        .thumb
        .endif

        .macro  check number, register, value
        ldr     r12, =\value
        cmp     \register, r12
        beq     97f
        mov     r0, #\number
        b       guest_failed
97:
        .endm

@ The next instruction raises an exception, and the guest goes on at `target`.
        .macro  trapped target
        ldr     r9, =\target
        mov     r11, #0
        .endm

@ Leaves for the hypervisor; only r0 changes.
        .macro  exit
        ldr     r0, =PSCI_VERSION
        hvc     #0
        .endm

        .global guest_entry
        .type   guest_entry, %function
        b       guest_entry

guest_failed:
        mov     r7, r0
        ldr     r4, =text_guest_fail
        bl      guest_puts
        ldr     r4, =name_of_guest
        bl      guest_puts
        ldr     r4, =text_guest_check
        bl      guest_puts
        mov     r0, r7
        lsr     r0, r7, #4
        bl      guest_digit
        and     r0, r7, #15
        bl      guest_digit
        b       guest_end
guest_passed:
        ldr     r4, =text_guest_pass
        bl      guest_puts
        ldr     r4, =name_of_guest
        bl      guest_puts
guest_end:
        mov     r0, #10
        bl      guest_putc
        ldr     r0, =PSCI_SYSTEM_OFF
        hvc     #0
1:      b       1b

guest_digit:
        cmp     r0, #10
        blo     1f
        add     r0, r0, #7
1:      add     r0, r0, #'0'
guest_putc:
        ldr     r1, =UART
1:      ldr     r2, [r1, #0x18]
        tst     r2, #0x20                       @ TXFF
        bne     1b
        str     r0, [r1]
        bx      lr

@ guest_puts(r4 = text that ends with 0)
guest_puts:
        push    {r4, lr}
1:      ldrb    r0, [r4], #1
        cmp     r0, #0
        beq     2f
        bl      guest_putc
        b       1b
2:      pop     {r4, pc}
        .ltorg

text_guest_pass:  .asciz "PASS "
text_guest_fail:  .asciz "FAIL "
text_guest_check: .asciz ": check "

@ Exceptions are taken as A32 (SCTLR.TE is 0), and return to where r9 says, in the state that was.
        .balign 32
        .arm
guest_vectors:
        b       .
        b       vector_undefined
        b       .
        b       vector_prefetch
        b       vector_data
        b       .
        b       guest_irq
        b       .
vector_undefined:
        mov     r11, #1
        b       vector_back
vector_prefetch:
        mov     r11, #2
        b       vector_back
vector_data:
        mov     r11, #3
vector_back:
        mov     r10, lr
        movs    pc, r9
guest_irq:
        mov     r11, #4
        b       vector_back
        .if T32
        .thumb
        .endif

# What a user-space program does for its partition: console, interrupt presentation, RTAS, devices; and it loads the program that
# the partition begins with. A machine emulator would do more.

# load_payload() -> r3 = entry point: the ELF file at `payload` into the partition's memory, at its physical addresses.
        .type   load_payload, @function
load_payload:
        enter   24
        address r30, payload
        ld      r29, 32(r30)                    # e_phoff
        add     r29, r29, r30
        lhz     r28, 56(r30)                    # e_phnum
1:      lwz     r3, 0(r29)
        cmpwi   r3, 1                           # PT_LOAD
        bne     3f
        ld      r4, 8(r29)                      # p_offset
        ld      r5, 24(r29)                     # p_paddr
        ld      r6, 32(r29)                     # p_filesz; what p_memsz has more is zero already
        add     r4, r4, r30
        address r7, PARTITION
        add     r5, r5, r7
        cmpdi   r6, 0
        beq     3f
        mtctr   r6
        addi    r4, r4, -1
        addi    r5, r5, -1
2:      lbzu    r0, 1(r4)
        stbu    r0, 1(r5)
        bdnz    2b
3:      addi    r29, r29, 56
        addi    r28, r28, -1
        cmpwi   r28, 0
        bne     1b
        ld      r3, 24(r30)                     # e_entry
        leave   24
        .size   load_payload, . - load_payload

# call_of_user: a call that the kernel does not know, of the vcpu in r31 -> r3 = return code; results are in its registers.
        .type   call_of_user, @function
call_of_user:
        enter   27
        ld      r3, VCPU_GPR + 24(r31)
        address r4, user_calls
1:      ld      r5, 0(r4)
        ld      r6, 8(r4)
        cmpdi   r6, 0
        beq     2f
        addi    r4, r4, 16
        cmpd    r5, r3
        bne     1b
        mtctr   r6
        bctrl
        leave   27
2:      li      r3, H_FUNCTION
        leave   27
        .size   call_of_user, . - call_of_user

        .section .rodata, "a"
        .balign 8
user_calls:
        .quad   H_PUT_TERM_CHAR, h_put_term_char
        .quad   H_CPPR, h_cppr
        .quad   H_IPI, h_ipi
        .quad   H_XIRR, h_xirr
        .quad   H_EOI, h_eoi
        .quad   H_RTAS, h_rtas
        .quad   0, 0
        .text

# Console --------------------------------------------------------------------------------------------------------------------------

        .type   h_put_term_char, @function
h_put_term_char:
        enter   28
        argument r30, 5
        li      r3, H_PARAMETER
        cmpldi  r30, 16
        bgt     2f
        addi    r29, r31, VCPU_GPR + 48 - 1     # r6, r7: characters from the left
1:      cmpdi   r30, 0
        li      r3, H_SUCCESS
        beq     2f
        lbzu    r3, 1(r29)
        bl      putc
        addi    r30, r30, -1
        b       1b
2:      leave   28
        .size   h_put_term_char, . - h_put_term_char

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
        .if     !POWER7
        li      r3, 1
        b       machine_off_with
        .endif
        .size   unknown_exit, . - unknown_exit

# The machine is off when all of its threads sleep for good. The 970 has no mode for that: its machine is told.
        .type   machine_off, @function
machine_off:
        li      r3, 0
        .if     POWER7
sleep_for_good:
        li      r3, 0
        mtspr   SPR_LPCR, r3                    # nothing ends it
1:      rvwinkle
        b       1b
        .else
machine_off_with:
        load64  r4, DEBUG_EXIT
        stb     r3, 0(r4)
sleep_for_good:
        b       sleep_for_good
        .endif
        .size   machine_off, . - machine_off

# Interrupt presentation: XICS, interprocessor interrupts only ---------------------------------------------------------------------
# A request gets through if its priority is a smaller number than the processor's.

        .equ    LEAST_FAVOURED, 0xFF
        .equ    IPI_SOURCE, 2

# present(r30 = vcpu): presents its request if that can be, and tells the kernel of the state of its external interrupt (KVM_INTERRUPT).
        .type   present, @function
present:
        ld      r3, VCPU_MFRR(r30)
        ld      r4, VCPU_CPPR(r30)
        ld      r5, VCPU_PRESENTED_AT(r30)
        cmpd    r3, r4
        bge     1f
        cmpd    r3, r5
        bge     1f
        std     r3, VCPU_PRESENTED_AT(r30)
        li      r3, IPI_SOURCE
        std     r3, VCPU_PRESENTED(r30)
1:      ld      r3, VCPU_PRESENTED(r30)
        std     r3, VCPU_EXTERNAL(r30)
        blr
        .size   present, . - present

# withdraw(r30 = vcpu): nothing is presented.
        .type   withdraw, @function
withdraw:
        li      r5, 0
        std     r5, VCPU_PRESENTED(r30)
        li      r5, LEAST_FAVOURED
        std     r5, VCPU_PRESENTED_AT(r30)
        blr
        .size   withdraw, . - withdraw

        .type   h_cppr, @function
h_cppr:
        argument r3, 4
        .size   h_cppr, . - h_cppr
        .type   set_priority, @function
set_priority:                                   # (r3 = priority)
        enter   30
        mr      r30, r31
        clrldi  r3, r3, 56
        std     r3, VCPU_CPPR(r30)
        # One that is presented and no more favoured goes back.
        ld      r4, VCPU_PRESENTED_AT(r30)
        cmpd    r4, r3
        blt     1f
        bl      withdraw
1:      bl      present
        li      r3, H_SUCCESS
        leave   30
        .size   set_priority, . - set_priority

        .type   h_ipi, @function
h_ipi:
        enter   30
        argument r3, 4
        bl      find_vcpu
        cmpdi   r3, 0
        mr      r30, r3
        li      r3, H_PARAMETER
        beq     2f
        argument r3, 5
        clrldi  r3, r3, 56
        std     r3, VCPU_MFRR(r30)
        ld      r4, VCPU_CPPR(r30)
        cmpd    r3, r4
        blt     1f
        bl      withdraw
1:      bl      present
        li      r3, H_SUCCESS
2:      leave   30
        .size   h_ipi, . - h_ipi

        .type   h_xirr, @function
h_xirr:
        ld      r3, VCPU_CPPR(r31)
        ld      r4, VCPU_PRESENTED(r31)
        sldi    r3, r3, 24
        or      r3, r3, r4
        result  4, r3
        li      r3, 0
        std     r3, VCPU_EXTERNAL(r31)
        cmpdi   r4, 0
        beq     1f
        ld      r5, VCPU_PRESENTED_AT(r31)
        std     r5, VCPU_CPPR(r31)
        std     r3, VCPU_PRESENTED(r31)
        li      r5, LEAST_FAVOURED
        std     r5, VCPU_PRESENTED_AT(r31)
1:      li      r3, H_SUCCESS
        blr
        .size   h_xirr, . - h_xirr

        .type   h_eoi, @function
h_eoi:
        argument r3, 4
        srdi    r3, r3, 24
        b       set_priority
        .size   h_eoi, . - h_eoi

# RTAS: an argument block of words in the partition's memory ------------------------------------------------------------------------

        .type   h_rtas, @function
h_rtas:
        enter   28
        argument r5, 4
        li      r6, 64
        bl      area_at
        li      r3, H_PARAMETER
        blt     3f
        mr      r30, r5
        lwz     r3, 0(r30)
        cmpwi   r3, power_off
        beq     machine_off
        lwz     r4, 4(r30)
        sldi    r4, r4, 2
        add     r29, r30, r4                    # results are behind the arguments
        cmpwi   r3, start_cpu
        li      r3, RTAS_NOT_SUPPORTED
        bne     2f
        lwz     r3, 12(r30)
        bl      find_vcpu
        cmpdi   r3, 0
        mr      r28, r3
        li      r3, RTAS_PARAMETER
        beq     2f
        mr      r27, r31
        mr      r31, r28
        lwz     r3, 16(r30)
        lwz     r4, 20(r30)
        bl      start_vcpu
        mr      r31, r27
        li      r3, RTAS_SUCCESS
2:      stw     r3, 12(r29)
        li      r3, H_SUCCESS
3:      leave   28
        .size   h_rtas, . - h_rtas

        .section .rodata, "a"
text_exit:
        .asciz  "FAIL host: no answer to exit "
text_pc:
        .asciz  " at pc "
text_word:
        .asciz  ", instruction "
        .text

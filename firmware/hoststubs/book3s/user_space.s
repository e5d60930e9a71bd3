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
        .quad   H_PUT_TCE, no_such_bus
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

        .type   no_such_bus, @function
no_such_bus:
        li      r3, H_PARAMETER
        blr
        .size   no_such_bus, . - no_such_bus

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

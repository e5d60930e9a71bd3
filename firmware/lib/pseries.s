# What every guest of a pseries partition needs: a way in, a console, a verdict, a way out.
#
# The partition starts in real mode with r3 = device tree, at _start. A guest defines `main`; when main returns r3 = 0 the
# guest has passed, else r3 is the number of the check that failed. The verdict goes to the console as a line that begins with
# PASS or FAIL, which the machine reports as its exit status, and the partition is switched off through RTAS.
#
# hcall numbers and return codes (H_…), RTAS tokens and vectors are symbols that the assembler takes from the description.

        .text
        .global _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined lr                       # nobody called: a debugger's backtrace ends here
        # One stack for the whole guest; in real mode an address is what it is, so no relocation is needed.
        lis     r1, stack_top@h
        ori     r1, r1, stack_top@l
        bl      main
        mr      r31, r3

        # The name stands in front of the verdict's number so that a log tells which guest spoke.
        cmpwi   r31, 0
        lis     r3, text_pass@h
        ori     r3, r3, text_pass@l
        beq     1f
        lis     r3, text_fail@h
        ori     r3, r3, text_fail@l
1:      bl      puts
        lis     r3, guest_name@h
        ori     r3, r3, guest_name@l
        bl      puts
        cmpwi   r31, 0
        beq     2f
        lis     r3, text_check@h
        ori     r3, r3, text_check@l
        bl      puts
        mr      r3, r31
        bl      put_hex
2:      li      r3, 10
        bl      putc
        b       off
        .cfi_endproc
        .size   _start, . - _start

# puts(r3 = text that ends with 0): writes it to the console. Leaf routines below keep r14-r31.
        .global puts
        .type   puts, @function
puts:
        .cfi_startproc
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        .cfi_def_cfa_offset 64
        .cfi_offset lr, 16
        std     r30, 48(r1)
        mr      r30, r3
1:      lbz     r3, 0(r30)
        cmpwi   r3, 0
        beq     2f
        bl      putc
        addi    r30, r30, 1
        b       1b
2:      ld      r30, 48(r1)
        addi    r1, r1, 64
        .cfi_def_cfa_offset 0
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .cfi_endproc
        .size   puts, . - puts

# put_hex(r3): two digits, enough for the number of a check.
        .global put_hex
        .global put_hex
        .type   put_hex, @function
put_hex:
        .cfi_startproc
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        .cfi_def_cfa_offset 64
        .cfi_offset lr, 16
        std     r30, 48(r1)
        mr      r30, r3
        srwi    r3, r30, 4
        bl      put_digit
        mr      r3, r30
        bl      put_digit
        ld      r30, 48(r1)
        addi    r1, r1, 64
        .cfi_def_cfa_offset 0
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .cfi_endproc
        .size   put_hex, . - put_hex

        .type   put_digit, @function
put_digit:
        andi.   r3, r3, 15
        addi    r3, r3, '0'
        cmpwi   r3, '9'
        ble     putc
        addi    r3, r3, 'A' - '0' - 10
        b       putc
        .size   put_digit, . - put_digit

# putc(r3): one character through H_PUT_TERM_CHAR. The data stands left-justified in r6 and r7, at most 16 characters.
        .global putc
        .type   putc, @function
putc:
        sldi    r6, r3, 56
        li      r7, 0
        li      r5, 1
        li      r4, 0
        li      r3, H_PUT_TERM_CHAR
        sc      1
        blr
        .size   putc, . - putc

# off: RTAS power-off. The argument block holds 32-bit words: token, number of arguments, number of results, then those.
        .global off
        .type   off, @function
off:
        lis     r4, rtas_block@h
        ori     r4, r4, rtas_block@l
        li      r5, power_off
        stw     r5, 0(r4)
        li      r5, 2
        stw     r5, 4(r4)
        li      r5, 1
        stw     r5, 8(r4)
        li      r5, -1
        stw     r5, 12(r4)
        stw     r5, 16(r4)
        lis     r3, H_RTAS@h
        ori     r3, r3, H_RTAS@l
        sc      1
        # A machine without this RTAS call goes on here; there is nothing left to do.
1:      b       1b
        .size   off, . - off

# An interrupt that the guest does not expect ends it with the vector's number as the check: nothing fails in silence.
        .section .vectors, "ax"
        .place  .vectors, 0
        .macro  unexpected vector
        .org    \vector
        lis     r1, stack_top@h
        ori     r1, r1, stack_top@l
        li      r3, \vector >> 4
        b       vector_failed
        .endm
        # A guest that expects an interrupt puts its handler's address into the pointer; the handler finds r3 in SPRG1.
        .macro  handled vector, pointer
        .org    \vector
        mtsprg  1, r3
        lis     r3, \pointer@h
        ori     r3, r3, \pointer@l
        ld      r3, 0(r3)
        mtctr   r3
        bctr
        .endm
        # QEMU's pseries enters what stands in the place of its firmware here.
        .org    system_reset_vector
        b       _start
        unexpected machine_check_vector
        handled data_storage_vector, on_data_storage
        unexpected data_segment_vector
        handled instruction_storage_vector, on_instruction_storage
        unexpected instruction_segment_vector
        handled external_vector, on_external
        unexpected alignment_vector
        handled program_vector, on_program
        handled floating_point_unavailable_vector, on_floating_point
        handled decrementer_vector, on_decrementer
        handled system_call_vector, on_system_call
        .org    system_call_vector + 0x100
vector_failed:
        mr      r31, r3
        lis     r3, text_fail@h
        ori     r3, r3, text_fail@l
        bl      puts
        lis     r3, guest_name@h
        ori     r3, r3, guest_name@l
        bl      puts
        lis     r3, text_vector@h
        ori     r3, r3, text_vector@l
        bl      puts
        mr      r3, r31
        bl      put_hex
        li      r3, 10
        bl      putc
        b       off
        # Where no handler is wanted, the interrupt is as unexpected as any.
        .macro  nobody_expects name, vector
\name:
        lis     r1, stack_top@h
        ori     r1, r1, stack_top@l
        li      r3, \vector >> 4
        b       vector_failed
        .endm
        nobody_expects data_storage_failed, data_storage_vector
        nobody_expects instruction_storage_failed, instruction_storage_vector
        nobody_expects external_failed, external_vector
        nobody_expects decrementer_failed, decrementer_vector
        nobody_expects program_failed, program_vector
        nobody_expects floating_point_failed, floating_point_unavailable_vector
        nobody_expects system_call_failed, system_call_vector

        .section .rodata, "a"
text_pass:   .asciz "PASS "
text_fail:   .asciz "FAIL "
text_check:  .asciz ": check "
text_vector: .asciz ": unexpected interrupt, vector / 16 = "

        .data
        .balign 16
        .global on_data_storage
on_data_storage:
        .quad   data_storage_failed
        .global on_instruction_storage
on_instruction_storage:
        .quad   instruction_storage_failed
        .global on_external
on_external:
        .quad   external_failed
        .global on_decrementer
on_decrementer:
        .quad   decrementer_failed
        .global on_program
on_program:
        .quad   program_failed
        .global on_floating_point
on_floating_point:
        .quad   floating_point_failed
        .global on_system_call
on_system_call:
        .quad   system_call_failed
rtas_block:
        .skip   32
        .bss
        .balign 16
        .skip   4096
stack_top:
        .skip   256

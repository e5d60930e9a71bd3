# What gdb is shown on a Power machine: a call chain, a counter in memory, a loop that spins, and traps to spring.
#
# The chain runs from _start to finish by itself. Each trap stands at a label of its own, which the tests enter by setting pc.

        .text
        .global _start
        .type   _start, @function
_start:
        lis     r1, stack_top@h
        ori     r1, r1, stack_top@l
        bl      outer
        b       finish
        .size   _start, . - _start

# outer() -> r3 = 0: calls inner(3), with a frame of its own.
        .type   outer, @function
outer:
        .cfi_startproc
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        .cfi_def_cfa_offset 64
        .cfi_offset lr, 16
        li      r3, 3
call_inner:
        bl      inner
        mr      r31, r3
        li      r3, 0
        addi    r1, r1, 64
        .cfi_def_cfa_offset 0
        ld      r0, 16(r1)
        mtlr    r0
        .cfi_restore lr
        blr
        .cfi_endproc
        .size   outer, . - outer

# inner(r3 = how often) -> r3 = counter: adds 1 to it each time round.
        .type   inner, @function
inner:
        .cfi_startproc
        lis     r4, counter@h
        ori     r4, r4, counter@l
        li      r5, 0
again:  ld      r6, 0(r4)
        addi    r6, r6, 1
store:  std     r6, 0(r4)
        addi    r5, r5, 1
        cmpd    r5, r3
        blt     again
inner_end:
        mr      r3, r6
        blr
        .cfi_endproc
        .size   inner, . - inner

        .global spin
        .type   spin, @function
spin:   addi    r20, r20, 1
        b       spin
        .size   spin, . - spin

# Traps. Each is followed by a label that says that it came back.
        .macro  trap name, instruction:vararg
trap_\name:
        \instruction
after_\name:
        nop
        .endm
        trap    hcall, sc 1
        trap    system_call, sc
        trap    rfid, rfid
        trap    hrfid, hrfid
        trap    illegal, .long 0
        trap    load, ld r4, 0(r3)

# A reservation: one turn is enough, if nobody takes it away.
trap_reserve:
        lis     r4, counter@h
        ori     r4, r4, counter@l
reserve_again:
        ldarx   r6, 0, r4
        addi    r6, r6, 1
        stdcx.  r6, 0, r4
        bne     reserve_again
after_reserve:
        nop

# One line of the source, three instructions.
        .macro  three
        nop
        nop
        nop
        .endm
trap_line:
        three
after_line:
        nop

# A segment without pages: SLB entry 1 for effective addresses from 0xD0000000; gdb sets r4 and r5.
trap_slbmte:
        slbmte  r5, r4
after_slbmte:
        nop

        .section .vectors, "ax"
        .place  .vectors, 0
        .org    data_storage_vector
        b       .
        .org    program_vector
        b       .
        .org    system_call_vector
        b       .
        .org    system_call_vector + 0x400
        b       .

        .data
        .balign 16
        .global counter
counter:
        .quad   0
pattern:
        .ascii  "Trapline pattern"
        .bss
        .balign 16
        .skip   4096
stack_top:
        .skip   256

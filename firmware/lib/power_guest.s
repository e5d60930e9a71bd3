# What guests of a pseries partition share; `.include` it behind `.text`. Macros load constants, compare, make calls, enter and remove
# pages, start threads; two small functions turn data translation on and off, and a block for RTAS is set aside.

        .equ    FAR_AWAY, 0x7FFF                # high half of a decrementer that does not matter

        .include "power_checks.s"

        # Guests lie below 2 GB.
        .macro  address register, name
        lis     \register, (\name)@h
        ori     \register, \register, (\name)@l
        .endm

        # Interrupts of a kind go to `handler` from now on; r3 and r4 are lost. The handler finds r3 in SPRG1. `pointer` is a name of pseries.s.
        .macro  handle pointer, handler
        address r3, \handler
        address r4, \pointer
        std     r3, 0(r4)
        .endm
        # The decrementer does not matter; r3 is lost.
        .macro  far_decrementer
        lis     r3, FAR_AWAY
        mtdec   r3
        .endm

        # Calls without further ado. The answer is in r3, results from r4 on.
        .macro  cede
        li      r3, H_CEDE
        sc      1
        .endm
        .macro  prod thread
        mr      r4, \thread
        li      r3, H_PROD
        sc      1
        .endm
        .macro  enter_page flags, index, first, second
        li      r3, H_ENTER
        load64  r4, \flags
        load64  r5, \index
        load64  r6, \first
        load64  r7, \second
        sc      1
        .endm
        .macro  remove_page flags, index, match
        li      r3, H_REMOVE
        load64  r4, \flags
        load64  r5, \index
        load64  r6, \match
        sc      1
        .endm
        .macro  read_page index
        li      r3, H_READ
        li      r4, 0
        load64  r5, \index
        sc      1
        .endm
        # SLB entry `number` for the segment of 256 MB that an effective address is in; r4 and r5 are lost.
        .macro  segment number, effective, vsid
        load64  r4, (\effective) & 0xFFFFFFFFF0000000 | 0x8000000 | \number
        load64  r5, \vsid << 12
        slbmte  r5, r4
        isync
        .endm

        # RTAS start-cpu: the vcpu whose number is in a register goes to `entry`, with its number in r3. r4 is the status.
        .macro  start_thread number, entry
        address r4, thread_block
        li      r5, start_cpu
        stw     r5, 0(r4)
        li      r5, 3
        stw     r5, 4(r4)
        li      r5, 1
        stw     r5, 8(r4)
        stw     \number, 12(r4)
        address r5, \entry
        stw     r5, 16(r4)
        stw     \number, 20(r4)
        load64  r3, H_RTAS
        sc      1
        address r4, thread_block
        lwa     r4, 24(r4)
        .endm
        .data
        .balign 8
thread_block:
        .skip   32
        .text

# Data translation on and off; instructions are fetched in real mode throughout. r24 and r25 are lost.
        .type   data_translation_on, @function
data_translation_on:
        mfmsr   r25
        ori     r25, r25, MSR_DR
        mtmsrd  r25
        isync
        blr
        .size   data_translation_on, . - data_translation_on

        .type   data_translation_off, @function
data_translation_off:
        mfmsr   r25
        li      r24, MSR_DR
        andc    r25, r25, r24
        mtmsrd  r25
        isync
        blr
        .size   data_translation_off, . - data_translation_off

# Runs a kernel in rounds on a pseries partition; firmware/lib/pseries.s brings it up and switches it off.
#
# The numbers of warm-up runs, of runs in a round and of rounds stand in `parameters`, where `trapline bench` writes them
# into the finished file. A line "T checksum" on the console ends the warm-up and each round; whoever listens takes the time
# there, so that neither start-up nor power-off counts.
#
# A kernel is a function of the ELFv2 calling convention: r3 = address of the arena, result in r3 (32 bits). r2 is zero,
# because absolute addresses are what the C compiler's TOC references are turned into.

        .text
        .global main
        .type   main, @function
main:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)

        # Floating point is off after reset.
        mfmsr   r0
        ori     r0, r0, 0x2000
        mtmsrd  r0
        isync
        li      r2, 0

        lis     r31, parameters@ha
        addi    r31, r31, parameters@l
        lwz     r30, 0(r31)             # warm-up runs
        lwz     r28, 8(r31)             # rounds
next_round:
        li      r29, 0                  # the last checksum
1:      cmpwi   r30, 0
        beq     2f
        lis     r3, arena@ha
        addi    r3, r3, arena@l
        bl      kernel
        mr      r29, r3
        addi    r30, r30, -1
        b       1b
2:      bl      tell
        cmpwi   r28, 0
        beq     3f
        addi    r28, r28, -1
        lwz     r30, 4(r31)             # runs in a round
        b       next_round

3:      li      r3, 0
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   main, . - main

# tell: writes "T", a blank, r29 in eight digits and an end of line.
        .type   tell, @function
tell:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        li      r3, 'T'
        bl      putc
        li      r3, ' '
        bl      putc
        li      r27, 4
1:      rotlwi  r29, r29, 8
        mr      r3, r29
        bl      put_hex
        addi    r27, r27, -1
        cmpwi   r27, 0
        bne     1b
        li      r3, 10
        bl      putc
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   tell, . - tell

        .section .rodata, "a"
        .global guest_name
guest_name:
        .asciz  "bench"

        .data
# Data and stack share no page with code: a store there would be one that may change code.
        .balign 4096
        .global parameters
parameters:
        .4byte  0, 0, 0, 0

        .bss
        .balign 0x10000
        .global arena
arena:  .skip   0x100000

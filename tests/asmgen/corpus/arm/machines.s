@ Machines before v6K have no NOP: all gaps of a file are filled for the one that it names last.
        .syntax unified
        .arch   armv7-a
        mov     r0, r1
        .balign 16
        .arch   armv5te
        mov     r0, r1
        .balign 16
        .thumb
        movs    r0, #1
        .balign 16

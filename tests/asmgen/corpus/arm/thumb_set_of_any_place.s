@ A name that .thumb_set gives to a place is a function of T32, whatever stands there; a name before its definition keeps it.
        .syntax unified
        .arm
        .thumb_set early, plain
        .type   plain, %function
plain:  nop
        .size   plain, . - plain
        .thumb_set late, plain
        .word   early, late
        .globl  given
        .word   given, given + 8, number
        .equ    given, . - plain
number = 7
        .word   given, number

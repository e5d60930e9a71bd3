# What gcc leaves at the ends of its output.
        .machine power7
        .machine push
        .machine "any"
        .machine pop
        .section ".text"
        .align  2
        .globl  main
        .type   main, @function
main:   li      3, 0
        blr
        .long   0
        .byte   0, 0, 0, 0, 128, 1, 0, 1
        .size   main, .-main
        .ident  "GCC"
        .section .note.GNU-stack, "", @progbits

# What fills gaps ends as the machine likes it that the source names; what adds to a machine changes nothing.
        .text
        nop
        .balign 32
        .machine "power6"
        nop
        .balign 32
        .machine "power4"
        nop
        .balign 32
        .machine push
        .machine "power8"
        nop
        .balign 32
        .machine pop
        nop
        .balign 32
        .machine "power7"
        .machine "vsx"
        nop
        .balign 32

@ Addresses of functions of T32, and distances to them in their own section.
        .syntax unified
        .text
        .thumb
        .thumb_func
tf: nop
        nop
lab: nop
        nop
        .balign 4
        .word tf - ., tf - lab, tf + 4 - lab
        .word lab - tf
        .thumb_func
tg: nop
        .word tg - tf
        .data
        .word tf - .Lb
        .word lab - tf
.Lb = tf - 2
        .text
        adr r0, tf
        adr r0, tg
        adr r0, lab
        .arm
        adr r0, tf
        adr r0, tf+3

@ Relocations of data and of address parts.
        .syntax unified
        .arm
        movw    r0, #:lower16:foreign
        movt    r0, #:upper16:foreign
        movw    r0, #:lower16:foreign+8
        movt    r0, #:upper16:(foreign+8)
        movw    r0, #:lower16:local
        movt    r0, #:upper16:local
        movw    r0, #:lower16:(local + 4)
        movw    r0, #:lower16:(foreign - .)
        movt    r0, #:upper16:(foreign - (. + 4))
        ldr     r0, =foreign
        ldr     r1, =local
        ldr     r2, =local + 8
        ldr     r3, =exported
        ldr     r4, =foreign + 4
        ldr     r5, =foreign
        bx      lr
        .ltorg
        .word   foreign, local, exported
        .word   foreign - ., local - .
        .word   foreign(GOT), foreign(GOTOFF), foreign(target1), foreign(target2), foreign(got_prel)
        .word   _GLOBAL_OFFSET_TABLE_ - .
        .word   foreign(sbrel)
        .data
local:  .word   local, exported + 4, foreign + 12
        .globl  exported
exported: .word 0
        .hword  1
        .byte   2
        .word   .Lhere_too(GOT), here_too(GOT)
.Lhere_too:
here_too:

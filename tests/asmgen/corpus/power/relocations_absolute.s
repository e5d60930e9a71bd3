# Every part of an address, of local and foreign symbols, with and without an addend.
        .text
        lis     r3, foreign@ha
        addi    r3, r3, foreign@l
        lis     r3, foreign@h
        ori     r3, r3, foreign@l
        lis     r4, foreign@highest
        ori     r4, r4, foreign@higher
        lis     r4, foreign@highesta
        ori     r4, r4, foreign@highera
        oris    r4, r4, foreign@high
        oris    r4, r4, foreign@higha
        lwz     r5, foreign@l(r4)
        ld      r5, foreign@l(r4)
        std     r5, foreign+8@l(r4)
        lis     r3, foreign+0x12345@ha
        addi    r3, r3, foreign+0x12345@l
        lis     r3, (foreign+4)@ha
        addi    r3, r3, (foreign+4)@l
        lis     r3, local@ha
        addi    r3, r3, local@l
        lis     r3, local+4@ha
        lwz     r3, local+4@l(r3)
        lis     r3, exported@ha
        addi    r3, r3, exported-4@l
        li      r3, foreign
        lwz     r3, foreign(0)
        cmpwi   r3, foreign@l
        addis   r3, 0, foreign@ha
        .data
        .space  16
local:  .quad   local, foreign, exported + 8
        .long   foreign, local + 4
        .quad   foreign - ., local - .
        .long   foreign - .
        .8byte  foreign + 0x100000000
        .globl  exported
exported: .quad 0

# The TOC of ELFv1: .tc entries, @toc and its kin, descriptors in .opd.
        .section ".toc", "aw"
.LC0:   .tc     foreign[TC], foreign
.LC1:   .tc     local[TC], local
.LC2:   .quad   local + 8
.LC3:   .tc     FD_400921fb54442d18[TC], 0x400921fb54442d18
        .section ".opd", "aw"
        .align  3
        .globl  function
function: .quad .L.function, .TOC.@tocbase, 0
        .previous
        .text
        .type   function, @function
.L.function:
        ld      r9, .LC0@toc(r2)
        ld      r9, .LC1@toc(r2)
        addis   r9, r2, .LC2@toc@ha
        ld      r9, .LC2@toc@l(r9)
        addis   r9, r2, local@toc@ha
        addi    r9, r9, local@toc@l
        addis   r9, r2, local+8@toc@h
        lwz     r9, local@toc@l(r9)
        addi    r9, r2, foreign@toc
        addis   r9, r2, foreign@got@ha
        ld      r9, foreign@got@l(r9)
        ld      r9, foreign@got(r2)
        lis     r9, foreign@got@h
        ld      r2, 40(r1)
        bl      other
        nop
        blr
        .size   function, . - .L.function
        .data
local:  .quad   1, 2
        .quad   .TOC.@tocbase
        .quad   function

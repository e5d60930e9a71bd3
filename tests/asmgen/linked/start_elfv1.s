 .section .opd,"aw"
 .globl helper
helper: .quad .L.helper, .TOC.@tocbase, 0
 .globl _start
_start: .quad .L._start,.TOC.@tocbase,0
 .text
 .type helper,@function
.L._start:
 lis r2, .TOC.@highest
 ori r2,r2,.TOC.@higher
 rldicr r2,r2,32,31
 oris r2,r2,.TOC.@h
 ori r2,r2,.TOC.@l
 li r3,7
 bl main_c
 nop
 clrldi r3,r3,56
 li r0,1
 sc
.L.helper: add r3,r3,r4
 blr

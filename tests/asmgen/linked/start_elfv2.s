 .abiversion 2
 .text
 .globl _start
_start:
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
 .globl helper
 .type helper,@function
helper: add r3,r3,r4
 blr

@ Relocations that the source asks for.
        .text
a: nop
        .reloc ., R_ARM_NONE, foreign
        .reloc a, R_ARM_NONE
        .reloc 4, R_ARM_ABS32, foreign + 4
        .reloc a+8, R_ARM_JUMP24, a
        .reloc ., R_ARM_NONE, .data
        .reloc .Lx, R_ARM_REL32, foreign
.Lx:
        nop
        nop
        .data
        .reloc a, R_ARM_NONE, foreign
        .word 0

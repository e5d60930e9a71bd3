# Relocations that the source asks for.
        .text
a: nop
        .reloc ., R_PPC64_NONE, foreign
        .reloc a, R_PPC64_NONE
        .reloc 4, R_PPC64_ADDR32, foreign + 4
        .reloc a+8, R_PPC64_REL24, a
        .reloc ., R_PPC64_NONE, .data
        .reloc .Lx, R_PPC64_REL32, foreign
.Lx:
        nop
        nop
        .data
        .reloc a, R_PPC64_NONE, foreign
        .word 0

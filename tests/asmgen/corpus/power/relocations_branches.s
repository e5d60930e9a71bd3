# Branches within a section, to other sections, to foreign and to weak symbols.
        .text
        .globl  global_function
start:  b       start
        bl      start
        b       ahead
        beq     ahead
        bne-    start
        blt+    cr3, ahead
        bdnz    start
        bdnz+   ahead
        bc      12, 2, ahead
        bcl     20, 31, $+4
        bcl     20, 31, .+4
        bl      .
        b       . + 8
        b       . - 4
        beq     . + 16
        bl      foreign
        b       foreign + 4
        bl      foreign
        nop
        beq     foreign
        bdnz    foreign
        ba      foreign
        bla     foreign
        bca     12, 2, foreign
        bl      global_function
        b       global_function
        bl      other
        beq     other
        bl      weak_one
ahead:  nop
        b       1f
1:      b       1b
global_function: blr
        .weak   weak_one
weak_one: blr
        .section .text.other, "ax"
        nop
other:  b       start
        bl      ahead
        b       other

# Calls of what needs no TOC pointer, as processors without prefixed instructions have them.
        .text
        bl      somewhere@notoc
        b       somewhere@notoc

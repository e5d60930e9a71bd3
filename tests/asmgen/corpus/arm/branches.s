@ Branches within a section, to others, to foreign symbols, conditional and with the place itself.
        .syntax unified
        .arm
        .globl  function
start:  b       start
        bl      start
        beq     ahead
        blne    ahead
        b       .
        bl      .
        b       . + 8
        b       foreign
        bl      foreign
        bleq    foreign
        beq     foreign
        bl      foreign + 4
        blx     foreign
        bl      function
        b       function
        bl      function(PLT)
        b       foreign(PLT)
        bl      other
        bx      r0
        bxeq    lr
        blx     r0
        bxj     r0
ahead:  nop
function:
        bx      lr
        .section .text.other, "ax"
other:  b       start
        bl      function
        b       ahead

# A function of ELFv2 with its local entry point.
        .abiversion 2
        .text
        .globl  function
        .type   function, @function
function:
0:      addis   r2, r12, .TOC.-0b@ha
        addi    r2, r2, .TOC.-0b@l
        .localentry function, .-function
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -32(r1)
        bl      foreign
        nop
        addis   r9, r2, data@toc@ha
        addi    r9, r9, data@toc@l
        addi    r1, r1, 32
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   function, .-function
        .globl  plain
        .type   plain, @function
plain:  .localentry plain, 0
        blr
        .size   plain, .-plain
        .data
data:   .quad   function

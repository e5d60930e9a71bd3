@ Branches of divided syntax are short ones, also to other files.
        .thumb
        b       foreign
        beq     foreign
        bne     near
        push    {a3, v1, r14}
        push    { r2 }
        pop     { a2 }
near:   nop
        bcs     near
        b       near

# Common entries of call frames: the last one serves that has the beginning of what holds from the start.
one:    .cfi_startproc
        .cfi_def_cfa_offset 16
        .cfi_offset 31, -8
        nop
        .cfi_endproc
two:    .cfi_startproc
        .cfi_def_cfa_offset 16
        nop
        .cfi_endproc
three:  .cfi_startproc
        nop
        .cfi_endproc
four:   .cfi_startproc
        .cfi_def_cfa_offset 16
        .cfi_offset 31, -8
        nop
        .cfi_endproc
five:   .cfi_startproc
        .p2align 2
        .cfi_def_cfa_offset 16
        nop
        .cfi_remember_state
        .cfi_endproc
six:    .cfi_startproc
        .cfi_def_cfa_offset 16
        .cfi_remember_state
        .cfi_offset 30, -8
        nop
        .cfi_endproc

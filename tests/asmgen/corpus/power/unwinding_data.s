# Who unwinds asks a routine, which looks into a table: by pointers of several encodings. (a foreign one is asked for)
        .text
one:    .cfi_startproc
        .cfi_personality 0x94, DW.ref.routine
        .cfi_lsda 0x14, .Ltable
        stdu    1, -64(1)
        .cfi_def_cfa_offset 64
        blr
        .cfi_endproc
two:    .cfi_startproc
        .cfi_personality 0, routine
        .cfi_lsda 0x1b, .Ltable + 4
        blr
        .cfi_endproc
three:  .cfi_startproc
        .cfi_personality 0, routine
        .cfi_lsda 0xff
        .cfi_signal_frame
        blr
        .cfi_endproc
four:   .cfi_startproc
        .cfi_personality 0xff
        blr
        .cfi_endproc
        .section .gcc_except_table, "a", @progbits
.Ltable: .byte  0xff, 0xff, 1, 0
        .long   0
        .data
DW.ref.routine: .quad routine

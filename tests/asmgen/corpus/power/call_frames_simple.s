# Call frames that say nothing of their start, and operations spelled out.
        .text
plain:  .cfi_startproc simple
        .cfi_def_cfa 1, 16
        nop
        .cfi_escape 0x0f, 3, 0x71, 0x20, 0x06
        nop
        .cfi_endproc
second: .cfi_startproc
        nop
        .cfi_escape 0x2e, 0x10
        nop
        .cfi_endproc
third:  .cfi_startproc simple
        .cfi_signal_frame
        nop
        .cfi_endproc

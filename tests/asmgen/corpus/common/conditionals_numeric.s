/* .if and its kin over numbers. */
        .macro  probe value
        .if     \value
        .byte   1
        .else
        .byte   0
        .endif
        .ifeq   \value
        .byte   2
        .endif
        .ifne   \value
        .byte   3
        .endif
        .iflt   \value
        .byte   4
        .endif
        .ifle   \value
        .byte   5
        .endif
        .ifgt   \value
        .byte   6
        .endif
        .ifge   \value
        .byte   7
        .endif
        .endm
        .data
        .irp    v, -1, 0, 1
        probe   \v
        .endr
        .if     1 - 1
        .byte   10
        .elseif 2 > 3
        .byte   11
        .elseif 3 == 3
        .byte   12
        .elseif 1
        .byte   13
        .else
        .byte   14
        .endif
        .if 0
        .if 1
        .byte 20
        .else
        .byte 21
        .endif
        .byte 22
        .else
        .if 0
        .byte 23
        .else
        .byte 24
        .endif
        .endif
label:  .space  8
        .if     . - label == 8
        .byte   30
        .endif
        .if     . - label > 8
        .byte   31
        .endif

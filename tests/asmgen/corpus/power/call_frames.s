# Call frames as gcc writes them.
        .text
        .globl  function
function:
        .cfi_startproc
        mflr    r0
        std     r0, 16(r1)
        .cfi_offset 65, 16
        stdu    r1, -112(r1)
        .cfi_def_cfa_offset 112
        std     r31, 104(r1)
        .cfi_offset 31, -8
        mr      r31, r1
        .cfi_def_cfa_register 31
        .cfi_remember_state
        bl      foreign
        nop
        .cfi_restore_state
        addi    r1, r31, 112
        .cfi_def_cfa 1, 0
        .cfi_restore 31
        .cfi_restore 65
        blr
        .cfi_endproc
second: .cfi_startproc
        .space  300
        .cfi_adjust_cfa_offset 32
        .cfi_rel_offset 30, 16
        .cfi_same_value 29
        .cfi_undefined 28
        .cfi_register 27, 26
        .cfi_escape 0x16, 1, 2, 3
        blr
        .cfi_endproc

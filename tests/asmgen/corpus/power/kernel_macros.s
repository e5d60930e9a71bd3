# Macros in the manner of exception vectors.
        .macro  prolog area, n
        mtsprg  1, r13
        std     r9, \area + 8 * 9(r13)
        std     r10, \area+80(r13)
        mfcr    r9
        .if     \n & 1
        mfspr   r10, 314
        .else
        mfspr   r10, 26
        .endif
        .endm
        .macro  vector loc, label, h=0
        .org    \loc
        .globl  \label\()_entry
\label\()_entry:
        prolog  0x40, \h
        b       \label\()_common
        .endm
        .macro  load_imm64 reg, value
        lis     \reg, (\value)@highest
        ori     \reg, \reg, (\value)@higher
        rldicr  \reg, \reg, 32, 31
        oris    \reg, \reg, (\value)@h
        ori     \reg, \reg, (\value)@l
        .endm
        .macro  save_gprs from, to
n = \from
        .rept   \to - \from + 1
        std     n, 8*n+112(r1)
n = n + 1
        .endr
        .endm
        .text
        vector  0x100, system_reset
        vector  0x300, data_access, 1
        vector  0x380, data_segment
        .org    0x400
system_reset_common:
        save_gprs 14, 31
        load_imm64 r3, 0x123456789abcdef0
        load_imm64 r4, system_reset_common
data_access_common:
data_segment_common:
        blr
        .pushsection __ftr_fixup, "a"
        .align  3
97:     .llong  0x10, 0x20
        .popsection
98:     nop
99:

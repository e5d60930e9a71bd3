# Uses all of it, and leaves with what it has found.
        .globl _start
_start: la      t0, supervisor
        csrw    mepc, t0
        csrr    s0, limit               # 10
        li      t0, 1 << 11
        csrw    mstatus, t0
        mret
supervisor:
        li      t0, 0xFF
        cpop    s1, t0                  # 8
        li      a0, 9
        li      a7, OWN_DOUBLE
        ecall
        mv      s2, a1                  # 18
        li      a0, 11
        ecall
        sub     s2, s2, a0              # 21: OWN_INVALID is -3
        li      t0, 0x10100000
        sw      s0, 0(t0)
        sw      s1, 0(t0)
        sw      s2, 0(t0)
        lw      s3, 0(t0)               # 39
        slli    s3, s3, 16
        li      t0, 0x3333
        or      t0, t0, s3
        li      t1, 0x100000
        sw      t0, 0(t1)
        j       .

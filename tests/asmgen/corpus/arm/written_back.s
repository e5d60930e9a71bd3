@ A write-back without an offset.
        .syntax unified
        .arm
        ldr     r0, [r1]!
        strbeq  r0, [r1]!
        ldrh    r0, [r1]!
        ldrsb   r0, [r1]!
        ldrd    r0, r1, [r2]!
        strd    r4, r5, [r6]!
        .thumb
        ldr     r0, [r1]!
        ldrsh   r0, [r1]!
        ldrd    r0, r3, [r2]!
        strd    r4, r9, [r6]!

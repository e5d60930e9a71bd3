@ R_ARM_V4BX: bx of a source, or of an object, that is for a machine before v5T.
        .syntax unified
        .arm
        bx      lr
        .arch   armv4t
        bx      lr
        bxne    r3
        add     r0, r1, r2
        .thumb
        bx      lr
        .arm
        BX      r0
        .arch   armv7ve
        bx      lr
        bxj     r0
        .object_arch armv4
        bx      lr
        blx     r3
        bxeq    r1
        bl      f
f:      bx      ip
        .cpu    arm7tdmi
        bx      lr

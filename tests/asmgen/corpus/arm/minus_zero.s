@ An offset of zero has the sign with which its expression begins.
        .syntax unified
        .arm
        ldr     r0, [r1, #-0]
        ldr     r0, [r1, #-0-16]
        ldr     r0, [r1, #-0+4]
        ldr     r0, [r1, #-0*2]
        ldr     r0, [r1, #0-0]
        ldr     r0, [r1], #-0-4
        ldrh    r0, [r1, #-0-16]
        ldrd    r0, [r2, #-0-8]
        stc     p1, c0, [r1, #-0-4]
        vldr    s2, [r1, #-0-16]
        vldr    d2, [r1, #-0]
        lsl     r0, #0
        lsrs    r0, #0
        asr     r0, #0
        .set    shift, 0
        lsl     r2, #shift
        add     r4, r13, #0
        ldr     r0, [r13, #4]
        ldr     r0, [r15, #4]
        .thumb
        add     r4, r13, #0
        ldr     r0, [r13, #4]
        push    {r4, r14}
        pop     {r4, r15}
        mov     r15, r14

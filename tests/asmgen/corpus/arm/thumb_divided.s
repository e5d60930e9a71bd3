@ Thumb in the syntax before UAL: flags are set without an s.
        .syntax divided
        .thumb
        mov     r0, #1
        add     r0, r1, r2
        add     r0, #1
        sub     r0, r1, #3
        lsl     r0, r1, #2
        asr     r0, r1
        neg     r0, r1
        mul     r0, r1
        and     r0, r1
        orr     r0, r1
        mvn     r0, r1
        mov     r8, r0
        add     r8, r0
        cmp     r0, r1
        ldr     r0, [r1, #4]
        ldrb    r0, [r1]
        push    {r0, lr}
        pop     {r0, pc}
        ldmia   r0!, {r1}
        swi     1
        b       .
        beq     .
        bl      .
        nop

@ The syntax before UAL: infix conditions, old names.
        .syntax divided
        .arm
        streqb  r0, [r1]
        strneb  r0, [r1, #1]
        ldreqb  r0, [r1]
        ldrneh  r0, [r1]
        ldrcssb r0, [r1]
        ldmneia r0!, {r1, r2}
        stmeqfd sp!, {r0, lr}
        ldmeqfd sp!, {r0, pc}
        subcss  r0, r1, r2
        addeqs  r0, r1, r2
        movnes  r0, r1
        orrges  r0, r0, r1
        mlaeqs  r0, r1, r2, r3
        ldreqd  r0, [r2]
        swi     0x123456
        swieq   1
        mov     r0, r1, asl #2
        mov     r0, r1, ror r2
        ldmfd   sp!, {r0-r3}
        ldrt    r0, [r1]
        ldreqbt r0, [r1]
        bleq    .
        teqp    pc, #0

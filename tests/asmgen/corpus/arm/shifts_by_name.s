@ asl for lsl, and shifts given by symbols and expressions.
        .syntax unified
        .arm
SHIFT = 4
        mov     r0, r1, lsl #SHIFT
        mov     r0, r1, asl #SHIFT * 2
        add     r0, r1, r2, asl r3
        lsr     r0, r1, #(SHIFT + 1)
        ldr     r0, [r1, r2, lsl #SHIFT / 2]
        ldr     r0, [r1, #SHIFT]
        ldr     r0, [r1, #(SHIFT << 2) - 1]
        mov     r0, #SHIFT
        mov     r0, #1 << SHIFT
        mov     r0, #(1 << SHIFT) | 1
        and     r0, r0, #~SHIFT & 0xff
        cmp     r0, #'a'
        cmp     r0, $5
        ubfx    r0, r1, #SHIFT, #SHIFT
        ldrd    r0, r1, [r2, #SHIFT]
        svc     SHIFT
        mov     r0, 5
        ldr     r0, [r1, 8]

@ adrl: addresses by two instructions.
        .text
back:
        nop
        adrl r0, back
        adrl r1, near
        adrl r3, further
        adrl r4, back + 0x12340
        adrl r5, far - 0x404
near: nop
        .space 0x1000
far: nop
        .space 0x8000
        nop
further: nop
        adrl r0, back
        adrl r6, .
        adreql r2, back

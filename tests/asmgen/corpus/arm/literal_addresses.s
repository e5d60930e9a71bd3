@ Loads from labels and literal pools at the distance 0, and at others.
        .syntax unified
        ldr r0, 1f
        nop
1:      ldrd r0, r1, 2f
        nop
2:      ldr r0, =0x12345678
        ldrh r0, 3f
        nop
3:      vldr d0, 4f
        nop
4:      
        ldr r0, =0x12345678
        b .
        .ltorg
        ldrd r0, [pc, #-0]
        ldr r1, .+8
        adr r0, .+8
        vldr s0, .+8
        ldr r0, [pc]
        ldrsh r0, =0x12345
        b .
        .ltorg
        ldrsb r0, =0x12345
        b .
        .ltorg
        ldrd r0, r1, .
        ldrd r0, r1, .+8
        strd r0, r1, .+16
        str r0, .+8
        pld .+8
        pli .+8
        ldrb r0, .+8
        ldrsb r0, .+8
        ldrexd r0, r1, [r2]
        ldrd r0, r1, [r2], #8
        ldc p14, c5, .+8
        ldc p14, c5, .+16
        ldrt r0, [r1]

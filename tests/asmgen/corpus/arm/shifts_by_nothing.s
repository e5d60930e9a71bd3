@ Shifts by nothing, constants with a rotation of their own, and two-operand forms of what the opposite instruction encodes.
nothing = 0
        add r0, r1, r2, ror #nothing
        add r0, r1, r2, lsr #0
        adds r0, r1, ror #nothing
        mov r0, r1, ror #0
        mov r0, r1, lsr #0
        lsrs r0, r1, #0
        ror r0, r1, #0
        ldr r0, [r1, r2, ror #0]
        ldr r0, [r1, -r2, lsr #0]
        ldr r0, [r1], r2, asr #0
        and r9, #-16
        bic r9, #-16
        add r9, #-16
        sub r9, #-16
        adc r9, #-16
        sbc r9, #-16
        mov r0, #1, 2
        mov r0, #1, 0
        add r0, r1, #0xff, 8
        mov r0, #4, 30

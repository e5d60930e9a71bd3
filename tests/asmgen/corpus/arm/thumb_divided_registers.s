@ Thumb in the syntax before UAL: each mnemonic with low and with high registers.
        .syntax divided
        .thumb
        mov r0, r1
        mov r8, r1
        mov r0, #5
        mov r0, r8
        nop
        add r0, r8
        add r0, r0, r1
        add r0, #8
        add r0, r1, #3
        add sp, #8
        add r0, sp, #8
        add r0, pc, #8
        sub r0, r1
        sub r0, #8
        sub r0, r1, r2
        sub sp, #8
        neg r0, r1
        mvn r0, r1
        lsl r0, r1
        lsl r0, r1, #3
        asr r0, #3
        ror r0, r1
        and r0, r1
        orr r0, r1
        eor r0, r1
        bic r0, r1
        adc r0, r1
        sbc r0, r1
        tst r0, r1
        cmn r0, r1
        cmp r0, r1
        cmp r0, r8
        cmp r0, #3
        mul r0, r1
        mul r0, r1, r0
        ldmia r0!, {r1,r2}
        stmia r0!, {r1,r2}
        ldr r0, =0x12345678
        ldr r0, =5
        cpy r0, r1
        bl .
        b .
        beq .

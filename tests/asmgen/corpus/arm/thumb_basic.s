@ Thumb in unified syntax: short forms where they fit, long ones where they do not, .n and .w.
        .syntax unified
        .thumb
        movs    r0, #1
        mov     r0, #1
        mov     r0, r8
        movs    r0, r1
        mov     r8, #256
        movw    r0, #1
        adds    r0, r1, r2
        add     r0, r1, r2
        adds    r0, #255
        adds    r0, r1, #7
        adds    r0, r1, #8
        add     r0, r1, #4095
        add     r0, r0, #0xff00ff00
        add     sp, #16
        add     sp, sp, #508
        add     sp, sp, #512
        add     r0, sp, #1020
        add     r0, sp, #1
        sub     sp, #8
        sub     sp, sp, r0
        add     r8, r9
        adr     r0, 1f
        ands    r0, r1
        ands    r0, r0, r1
        and     r0, r1
        ands.w  r0, r0, r1
        muls    r0, r1, r0
        mul     r0, r1, r2
        lsls    r0, r1, #3
        lsl     r0, r1, #3
        lsls    r0, r1
        cmp     r0, #255
        cmp     r0, #256
        cmp     r8, r9
        cmn     r0, r1
        tst     r0, r1
        mvns    r0, r1
        negs    r0, r1
        rsbs    r0, r1, #0
        rsb     r0, r1, #0
        .balign 4
1:      ldr     r0, [r1]
        ldr     r0, [r1, #124]
        ldr     r0, [r1, #128]
        ldr     r0, [r1, #-4]
        ldr     r0, [r1, r2]
        ldr     r0, [r1, r2, lsl #2]
        ldr.w   r0, [r1, #4]
        ldr     r0, [sp, #1020]
        ldr     r0, [sp, #1024]
        ldrb    r0, [r1, #31]
        ldrh    r0, [r1, #62]
        ldrsb   r0, [r1, r2]
        ldrsh   r8, [r1, r2]
        ldr     r0, [r1], #4
        str     r0, [r1, #4]!
        ldr     r0, 1b
        ldrd    r0, r1, [r2, #-1020]
        strd    r0, r1, [r2], #4
        push    {r0-r7, lr}
        push    {r8}
        push    {r0, r8}
        pop     {r0, pc}
        pop     {r4-r11, lr}
        ldmia   r0!, {r1, r2}
        ldmia   r0, {r0, r1}
        stmia   r0!, {r1, r2}
        stmdb   sp!, {r4-r8, lr}
        b       1b
        b.w     1b
        beq     1b
        beq.w   1b
        bl      1b
        bx      lr
        blx     r3
        cbz     r0, 2f
        cbnz    r7, 2f
        nop
2:      nop
        nop.w
        svc     #1
        bkpt    #0
        udf     #0
        udf.w   #1
        tbb     [pc, r0]
        tbh     [pc, r1, lsl #1]
        ldrexb  r0, [r1]
        strex   r0, r1, [r2, #4]
        sev
        wfi
        cpsie   i
        cpsid   aif
        movt    r0, #0xffff
        bfi     r0, r1, #1, #2
        sdiv    r0, r1, r2
        uxtb    r0, r1
        uxtb    r8, r1
        rev     r0, r1
        clz     r0, r1
        mrs     r0, cpsr
        msr     cpsr_f, r0
        hvc     #1
        smc     #1
        dmb     ish

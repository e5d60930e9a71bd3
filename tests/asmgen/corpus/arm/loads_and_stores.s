@ Loads and stores of A32 in every addressing mode.
        .syntax unified
        .arm
        ldr     r0, [r1]
        ldr     r0, [r1, #4]
        ldr     r0, [r1, #-4095]
        ldr     r0, [r1, #4]!
        ldr     r0, [r1], #4
        ldr     r0, [r1], #-4
        ldr     r0, [r1, r2]
        ldr     r0, [r1, -r2]
        ldr     r0, [r1, r2, lsl #2]!
        ldr     r0, [r1], r2, asr #3
        ldr     r0, [r1, r2, rrx]
        ldr     r0, [pc, #8]
        ldrb    r0, [r1, #1]
        ldrbeq  r0, [r1]
        ldrh    r0, [r1, #255]
        ldrh    r0, [r1], r2
        ldrsb   r0, [r1, #-2]!
        ldrsh   r0, [r1, r2]
        ldrd    r0, r1, [r2, #8]
        ldrd    r0, r1, [r2, r3]
        strd    r2, r3, [sp, #-16]!
        ldrd    r4, [r2]
        str     r0, [r1, #-0]
        strb    r0, [r1, r2, lsl #4]
        strh    r0, [r1, #2]!
        ldrt    r0, [r1], #4
        strt    r1, [r2]
        ldrbt   r0, [r1]
        ldrht   r0, [r1]
        strbt   r0, [r1], r2
        ldm     r0, {r1, r2, r3}
        ldmia   r0!, {r1-r4, lr}
        ldmdb   r0, {r1}
        ldmfd   sp!, {r4-r11, pc}
        ldmed   r0, {r1, r2}
        ldmfa   r0, {r1, r2}
        ldmea   r0, {r1, r2}
        ldmib   r0!, {r1, r2}
        ldm     sp, {r0-r14}^
        ldm     sp!, {r0, pc}^
        stm     r0, {r1-r3}
        stmfd   sp!, {r4, lr}
        stmdb   r0!, {r1-r12}
        stmib   sp, {r0-r14}^
        stmeq   r0, {r1, r2}
        push    {r4}
        push    {r4-r7, lr}
        pop     {r4}
        pop     {r4-r7, pc}
        pusheq  {r0, r1}
        ldrex   r0, [r1]
        strex   r0, r1, [r2]
        ldrexd  r0, r1, [r2]
        strexd  r0, r2, r3, [r4]
        ldrexb  r0, [r1]
        strexh  r0, r1, [r2]
        clrex
        pld     [r0]
        pld     [r0, #-8]
        pldw    [r0, r1, lsl #2]
        pli     [r0]
        dmb
        dmb     ish
        dsb     sy
        dsb     ishst
        isb
        isb     sy

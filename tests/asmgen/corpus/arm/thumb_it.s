@ IT blocks.
        .syntax unified
        .thumb
        cmp     r0, #0
        it      eq
        moveq   r0, #1
        ite     ne
        addne   r0, r1, r2
        subeq   r0, r1, r2
        ittet   gt
        movgt   r0, r1
        addgt   r0, #1
        movle   r0, #2
        ldrgt   r0, [r1]
        it      cs
        bxcs    lr
        itt     mi
        lslmi   r0, r0, #1
        popmi   {r4, pc}
        itee    hi
        mulhi   r0, r1, r0
        movls   r8, r0
        bls     .
        nop

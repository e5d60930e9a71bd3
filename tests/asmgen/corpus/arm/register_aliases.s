@ .req and .unreq, and the alias in every operand place; the APCS names.
        .syntax unified
        .arm
base    .req    r4
count   .req    r5
tmp     .req    ip
dbl     .req    d3
sgl     .req    s5
quad    .req    q2
cp      .req    p15
        ldr     base, [count, tmp, lsl #2]
        ldrd    base, count, [sp, #8]
        mov     base, count, lsl tmp
        push    {base, count, lr}
        ldmia   base!, {count-r7}
        mrc     p15, 0, base, c1, c0, 0
        msr     cpsr_c, tmp
        vadd.f64 dbl, dbl, d1
        vmov    sgl, base
        vorr    quad, quad, q3
        add     a1, a2, a3
        add     v1, v2, v3
        mov     sb, sl
        mov     fp, ip
        mov     r15, r14
        .unreq  base
base    .req    r9
        mov     base, #1
BASE2   .req    base
        mov     BASE2, base
        str     R0, [R1, R2]
        MOV     R0, SP

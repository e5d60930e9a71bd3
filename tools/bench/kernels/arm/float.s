@ Double precision: the Mandelbrot set on a grid of 24 x 24 points, as in c/float.c.

        .text
        .equ    SIZE, 24
        .equ    MOST, 64
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, lr}
        vpush   {d8, d9, d10, d11, d12}
        ldr     r1, =numbers
        vldr    d8, [r1]                @ 1/8
        vldr    d9, [r1, #8]            @ 2
        vldr    d10, [r1, #16]          @ 4
        vldr    d11, [r1, #24]          @ 65536
        vldr    d12, [r1, #32]          @ 0
        vldr    d1, [r1, #40]           @ cy of the first row: -1.5
        mov     r0, #0                  @ sum
        mov     r1, #SIZE
row:    vneg.f64 d0, d9                 @ cx of the first column: -2
        mov     r2, #SIZE
column: vmov.f64 d2, d12                @ x
        vmov.f64 d3, d12                @ y
        vmov.f64 d4, d12                @ x * x
        vmov.f64 d5, d12                @ y * y
        mov     r3, #0
1:      cmp     r3, #MOST
        beq     2f
        vadd.f64 d6, d4, d5
        vcmp.f64 d6, d10
        vmrs    apsr_nzcv, fpscr
        bgt     2f
        vsub.f64 d6, d4, d5
        vmul.f64 d7, d9, d2
        vadd.f64 d2, d6, d0
        vmul.f64 d7, d7, d3
        vadd.f64 d3, d7, d1
        vmul.f64 d4, d2, d2
        vmul.f64 d5, d3, d3
        add     r3, r3, #1
        b       1b
2:      add     r0, r3, r0, ror #27
        cmp     r3, #MOST
        bne     3f
        vmul.f64 d6, d2, d11
        vcvt.s32.f64 s12, d6
        vmov    r4, s12
        add     r0, r0, r4
3:      vadd.f64 d0, d0, d8
        subs    r2, r2, #1
        bne     column
        vadd.f64 d1, d1, d8
        subs    r1, r1, #1
        bne     row
        vpop    {d8, d9, d10, d11, d12}
        pop     {r4, pc}
        .size   kernel, . - kernel
        .ltorg

        .section .rodata, "a"
        .balign 8
numbers:
        .double 0.125, 2.0, 4.0, 65536.0, 0.0, -1.5

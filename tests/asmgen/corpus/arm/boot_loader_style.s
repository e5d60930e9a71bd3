@ Statements as boot loaders write them.
        .globl _start
_start: b       reset
        ldr     pc, _undefined
        ldr     pc, _irq
_undefined: .word undefined
_irq:   .word foreign_irq
        .balignl 16,0xdeadbeef
        .word   foreign_end - _start
        .word   reset - _start
reset:  mrs     r0, cpsr
        bic     r0, r0, #0x1f
        bic     r0, #(1 << 13)
        msr     cpsr,r0
        mov     r1, r1, LSR #4
        ldr     sp, =(0x40000000 + 0x1000)
        ldr     r0,=0x00000000
        ldr     r0, =_start
        stmia   sp, {r0 - r12}
        ldmia   sp, {r0 - lr}^
        stmdb   r8, {sp, lr}^
        ldmia   r0!, {r9-r10}
        adr     r0, _start
        subs    pc, lr, #4
        movs    pc, lr
        mcr     p15, 0, r0, c12, c0, 0  @Set VBAR
        msr     spsr, r13
        blo     reset
        bhs     undefined
        .align  5
undefined:
        str     r0, [r13]
        bl      foreign
        mov     pc, lr

@ Exceptions that the host gives to its guest: the context becomes what the exception would have made of it.
@
@ Linux 3.9, arch/arm/kvm/emulate.c. r4 is the vcpu.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    CP15_SCTLR, 28
        .equ    CP15_TTBCR, 36
        .equ    SCTLR_TE, 30
        .equ    SCTLR_EE, 25

@ exception(r0 = bank in the context, r1 = mode and masks, r2 = offset of the vector, r3 = return address).
        .type   exception, %function
exception:
        push    {r5, r6, lr}
        add     r0, r0, r4
        str     r3, [r0, #4]
        ldr     r5, [r4, #VCPU_CPSR]
        str     r5, [r0, #8]
        ldr     r6, =0xF80F01C0                 @ flags, GE and masks stay
        and     r5, r5, r6
        orr     r5, r5, r1
        ldr     r6, [r4, #VCPU_CP15 + CP15_SCTLR]
        ubfx    r0, r6, #SCTLR_TE, #1
        orr     r5, r5, r0, lsl #5
        ubfx    r0, r6, #SCTLR_EE, #1
        orr     r5, r5, r0, lsl #9
        str     r5, [r4, #VCPU_CPSR]
        ldr     r0, [r4, #VCPU_CP15 + CP15_VBAR]
        tst     r6, #1 << 13                    @ SCTLR.V
        beq     1f
        ldr     r0, =0xFFFF0000
1:      add     r0, r0, r2
        str     r0, [r4, #VCPU_PC]
        pop     {r5, r6, pc}
        .size   exception, . - exception

@ inject_undefined(): for the instruction at the guest's pc.
        .global inject_undefined
        .type   inject_undefined, %function
inject_undefined:
        ldr     r3, [r4, #VCPU_PC]
        ldr     r1, [r4, #VCPU_CPSR]
        add     r3, r3, #2
        tst     r1, #PSR_T
        bne     1f
        add     r3, r3, #2
1:      mov     r0, #VCPU_UND
        movw    r1, #MODE_UND | 0x80
        mov     r2, #4
        b       exception
        .size   inject_undefined, . - inject_undefined

@ inject_prefetch(r0 = address), inject_data(r0 = address): aborts that tell of a debug event, "should give guest a clue".
        .global inject_prefetch
        .type   inject_prefetch, %function
inject_prefetch:
        str     r0, [r4, #VCPU_CP15 + CP15_IFAR]
        push    {lr}
        bl      clue
        str     r0, [r4, #VCPU_CP15 + CP15_IFSR]
        ldr     r3, [r4, #VCPU_PC]
        add     r3, r3, #4
        mov     r2, #0x0C
        b       abort_mode
        .size   inject_prefetch, . - inject_prefetch
        .global inject_data
        .type   inject_data, %function
inject_data:
        str     r0, [r4, #VCPU_CP15 + CP15_DFAR]
        push    {lr}
        bl      clue
        str     r0, [r4, #VCPU_CP15 + CP15_DFSR]
        ldr     r3, [r4, #VCPU_PC]
        add     r3, r3, #8
        mov     r2, #0x10
abort_mode:
        mov     r0, #VCPU_ABT
        movw    r1, #MODE_ABT | 0x180
        bl      exception
        pop     {pc}
        .size   inject_data, . - inject_data

@ inject_external(r0 = address): a synchronous external abort of the access that r6, its HSR, tells of.
        .global inject_external
        .type   inject_external, %function
inject_external:
        str     r0, [r4, #VCPU_CP15 + CP15_DFAR]
        push    {lr}
        ldr     r1, [r4, #VCPU_CP15 + CP15_TTBCR]
        movw    r0, #0x008
        cmp     r1, #0
        bge     1f
        movw    r0, #0x210
1:      ubfx    r1, r6, #6, #1                  @ WnR
        orr     r0, r0, r1, lsl #11
        str     r0, [r4, #VCPU_CP15 + CP15_DFSR]
        ldr     r3, [r4, #VCPU_PC]
        add     r3, r3, #8
        mov     r2, #0x10
        b       abort_mode
        .size   inject_external, . - inject_external

@ clue() -> r0: a debug event's status, in the format of the guest's tables.
        .type   clue, %function
clue:
        ldr     r1, [r4, #VCPU_CP15 + CP15_TTBCR]
        mov     r0, #2
        cmp     r1, #0
        bge     1f
        movw    r0, #0x222
1:      bx      lr
        .size   clue, . - clue
        .ltorg

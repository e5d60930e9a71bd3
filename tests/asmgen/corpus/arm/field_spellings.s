@ Spellings that sources in the field use.
        .syntax divided
        strneb r0, [r1]
        ldmneia r0, {r1}
        subcss r0, r1, r2
        ldreqh r0, [r1]
        ldrnesh r0, [r1]
        ldmeqfd sp!, {r0}
        stmnedb sp!, {r0}
        movnes r0, r1
        addeqs r0, r1, r2
        mulnes r0, r1, r2
        mlanes r0, r1, r2, r3
        umullnes r0, r1, r2, r3
        ldrneb r0, [r1, #4]!
        ldrnebt r0, [r1]
        strnet r0, [r1]
        ldcnel p8, c1, [r2]
        stcnel p8, c1, [r2]
        ldreqd r0, [r2]
        rsbnes r0, r1, #0
        cmnne r0, #1
        teqne r0, #1
counter .req r4
        mov counter, #1
        add r0, counter, counter, lsl #2
        ldr counter, [counter, counter]
        stmia counter!, {r0, r1}
        .unreq counter
        it eq
        moveq r0, #1
        swi 3
        swine 3
        mov r0, r1, asl #3
        mov r0, r1, asl r2
        mrs r0, cpsr_all
        mrs r0, CPSR
        mrs r0, spsr_all
        msr SPSR_csxf, lr
        msr cpsr_fsxc, r0
        msr CPSR_c, #0x10
        msr cpsr_all, r0
        msr cpsr_flg, #0xf0000000
        msr cpsr, r0
        mrc p15, 0, r0, c1, c0
        mcr 15, 0, r0, cr7, cr5, 4
        mrc p15, 0, pc, c7, c14, 3
        strt r1, [r2]
        ldrbt r1, [r2], #4
        stc 14, cr13, [r2, #16]
        vmsr fpexc, r2
        vmrs r2, fpsid
        vcmp.f32 s0, #0
        and r2,r2,#~(1<<31)
        bic r2, r2, #(1<<31) | 3
        mov r0, #0xffffffff
        ldr r0, =.text
        .even
        .rep 2
        nop
        .endr
        .irp r,3,4 5
        mov r0, #\r
        .endr
lab : .ascii "\8\0\101"
        .balign 4
        .dc.b 1
        .dc.w 2
        .dc.l 3
        .dc.a 4
        .comm common1, 12
        .lcomm local1, 4
        .section .mine, #alloc
        .word 1
        .func f, g
        .endfunc
        .line 5
        .altmacro
        .noaltmacro
        .eqv q, 3
        .string8 "ab"
        .string16 "ab"
        .octa 0x123456789abcdef0123456789abcdef0
        .uleb128 300
        .sleb128 -300
"quoted name": .long "quoted name"
        .ident "x"
        .version "y"
        .internal lab
        .print "hello"
        .warning "w"
        .bss
        .byte 0
        .long 0, 0
        .ascii "\0"
        .string16 ""

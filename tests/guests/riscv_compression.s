# Statements that have 16 bits where they fit, and those that have not.
        .globl _start
_start: addi a0, a0, 1
        addi a0, a0, 100
        addi sp, sp, -32
        addi a0, sp, 16
        addi s0, sp, 32
        addi a0, zero, 5
        addi a0, a1, 0
        li a0, -3
        li a0, 33
        mv a0, a1
        mv a0, zero
        lw a0, 4(a1)
        lw a0, (a1)
        ld s0, 8(sp)
        sd ra, 24(sp)
        sw a5, 0(a4)
        lw t0, 0(a4)
        add a0, a0, t3
        add a0, t3, a0
        and a0, a1, a0
        andi a5, a5, 15
        and a5, a5, 15
        slli a0, a0, 3
        sll a0, a0, 3
        srli a0, a0, 3
        addiw a0, a0, 1
        sext.w a0, a0
        lui a0, 1
        lui a0, 0xfffe1
        lui a0, 0x12345
        j _start
        beqz a0, _start
        bne a0, zero, _start
        beq zero, a0, _start
        bne a0, a1, _start
        jr a0
        jalr a0
        jalr ra, 0(a0)
        jalr zero, a0
        jalr ra, a1, 0
        jalr ra, 4(a1)
        ret
        ebreak
        nop
        unimp
        csrr a0, mstatus
        csrw 0x305, a0
        csrr a0, 0x123
        c.addi a0, 3
        .option push
        .option norvc
        addi a0, a0, 1
        nop
        ret
        .option pop
        nop
        sub a0, a0, a1
        subw a0, a0, a1
        xor a0,a1,a0
        mv a0,a0
        addi a0,a0,0
        li a0,0
        add a0,zero,a1
        jal x0, _start
        jal _start

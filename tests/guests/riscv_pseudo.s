# Statements that stand for others: constants, addresses, calls, control and status registers.
        .globl _start
        .option norelax
_start: li a0, 0x12345678
        li a1, -1
        li a2, 0x80000000
        li a3, 0xffffffff80000000
        li a4, 0x123456789abcdef0
        li a5, 0x7ffff800
        li a6, 0xfffffffffffff800
        li a7, 0x8000000000000000
        li t0, 2048
        li t1, 0x1000
        li t2, 0xffffffff
        li t3, 0xff00ff00ff00ff00
        li t4, 0x800
        li t5, 0x0123456789abc800
        la a0, data
        lla a1, data+8
        call f
        tail f
        call t0, f
        lw a0, data
        sd a0, data, t0
        lui a0, %hi(data)
        addi a0, a0, %lo(data)
        lw a1, %lo(data+4)(a0)
        sw a1, %lo(data)(a0)
1:      auipc a0, %pcrel_hi(data)
        ld a1, %pcrel_lo(1b)(a0)
        sd a1, %pcrel_lo(1b)(a0)
        bgt a0, a1, f
        bleu a0, a1, f
        sext.b a0, a1
        zext.w a0, a1
        zext.b a0, a1
        add a0, a1, 5
        jump f, t0
f:      ret
        rdcycle a0
        rdtime a0
        rdinstret a0
        fence
        fence rw, w
        fence.tso
        fence.i
        sfence.vma
        sfence.vma a0
        sfence.vma a0, a1
        csrw mscratch, 5
        csrsi mstatus, 8
        csrs mstatus, 8
        csrc mstatus, a0
        amoswap.w.aqrl a0, a1, (a2)
        lr.d a0, (a1)
        lr.d.aq a0, 0(a1)
        negw a0, a1
        sgtz a0, a1
        mret
        wfi
        .align 3
        .section .data
        .skip 0x1234
data:   .dword 1, 2

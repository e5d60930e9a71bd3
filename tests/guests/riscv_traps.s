# What traps tell, in each mode, with and without delegation and translation: a line for each cause, value and status.
        .option norvc                   # handlers go on four bytes further
        .globl _start
_start: lui s3, 0x10000                 # the serial port
        auipc t0, 0
        addi t0, t0, machine_handler - _start - 4
        csrw mtvec, t0
        auipc t0, 0
        addi t0, t0, supervisor_handler - _start - 16
        csrw stvec, t0
        li s8, 0
        csrw medeleg, zero
        csrw mideleg, zero

# Machine mode: nothing is delegated.
        ecall
        ebreak
        .word 0xFFFFFFFF
        .word 0
        csrrs t0, mscratch, zero
        .word 0x10502473 + 0x80000000   # csrrs s0, 0x905, zero: there is no such register
        lui t1, 0x90000                 # beyond RAM
        slli t1, t1, 32
        srli t1, t1, 32
        ld t0, 8(t1)
        sd t0, 16(t1)
        lui t2, 0x80200
        slli t2, t2, 32
        srli t2, t2, 32
        addi t1, t2, 2
        lr.d t0, (t1)
        lw t0, 1(t2)                    # plain accesses may be misaligned
        csrw mhartid, t0                # read-only

# The page table at 0x8020_0000: gigapage 2 is RAM itself, for the supervisor; 0x4000_0000 on are small pages.
        lui t0, 0x20000                 # 0x8000_0000 >> 2
        addi t0, t0, 0x0F               # V R W X
        sd t0, 16(t2)
        li t0, 7                        # gigapage 0: the serial port
        sd t0, 0(t2)
        lui t0, 0x20080                 # 0x8020_1000 >> 2, next level
        addi t0, t0, 0x401
        sd t0, 8(t2)
        lui t1, 1
        add t3, t2, t1                  # 0x8020_1000
        lui t0, 0x20081
        addi t0, t0, -0x7FF             # 0x8020_2000 >> 2 | V
        sd t0, 0(t3)
        lui t0, 0x2008F                 # megapage that is not aligned
        addi t0, t0, 0xCF
        sd t0, 8(t3)
        add t3, t3, t1                  # 0x8020_2000: pages
        lui t0, 0x200C0                 # 0x8030_0000 >> 2
        addi t4, t0, 0x1F               # 0: V R W X U
        sd t4, 0(t3)
        addi t4, t0, 0x13               # 1: V R U
        sd t4, 8(t3)
        addi t4, t0, 0x19               # 2: V X U
        sd t4, 16(t3)
        addi t4, t0, 0x07               # 3: V R W, the supervisor's
        sd t4, 24(t3)
        addi t4, t0, 0x15               # 4: V W U: reserved
        sd t4, 32(t3)
        addi t4, t0, 0x16               # 5: not valid
        sd t4, 40(t3)
        li t0, 8
        slli t0, t0, 60
        lui t1, 0x80200
        slli t1, t1, 32
        srli t1, t1, 44
        or t0, t0, t1
        csrw satp, t0
        sfence.vma

# To supervisor mode; page faults, breakpoints and calls of users are delegated.
        lui t0, 0xB
        addi t0, t0, 0x109
        csrw medeleg, t0
        li t0, 3
        slli t0, t0, 11
        csrc mstatus, t0
        li t0, 1
        slli t0, t0, 11
        csrs mstatus, t0
        auipc t0, 0
        addi t0, t0, 16
        csrw mepc, t0
        mret
supervisor:
        lui s4, 0x40000
        ebreak
        ecall
        csrr t0, mstatus                # not for it
        ld t0, 0(s4)                    # a user's page
        li t0, 1
        slli t0, t0, 18
        csrs sstatus, t0                # SUM
        ld t1, 0(s4)
        sd t1, 8(s4)
        lui t1, 1
        add t2, s4, t1
        ld t0, 0(t2)
        sd t0, 0(t2)                    # read only
        add t2, t2, t1
        ld t0, 0(t2)                    # execute only
        li t0, 1
        slli t0, t0, 19
        csrs sstatus, t0                # MXR
        ld t0, 0(t2)
        add t2, t2, t1
        sd t0, 0(t2)
        add t2, t2, t1
        ld t0, 0(t2)                    # reserved
        add t2, t2, t1
        ld t0, 0(t2)                    # not valid
        lui t0, 0x40200
        ld t0, 0(t0)                    # megapage that is not aligned
        li t0, 1
        slli t0, t0, 40
        ld t0, 0(t0)                    # no address of 39 bits

        ld s2, 24(s4)                   # what the table has become: through the supervisor's own gigapage
        lui t0, 0x80202
        slli t0, t0, 32
        srli t0, t0, 32
        ld s2, 0(t0)
        jal print
        ld s2, 8(t0)
        lui t3, 0x80202
        slli t3, t3, 32
        srli t3, t3, 32
        ld s2, 8(t3)
        jal print
        ld s2, 24(t3)
        jal print
        lui t3, 0x80200
        slli t3, t3, 32
        srli t3, t3, 32
        ld s2, 16(t3)
        jal print
        csrr s2, sstatus
        jal print
        csrr t0, satp
        srli s2, t0, 44
        jal print
# To user mode: the code of the first page is three instructions that stand here.
        lui t0, 0x73
        srli t0, t0, 12
        sw t0, 0(s4)                    # ecall
        lui t1, 0x100
        addi t1, t1, 0x73
        sw t1, 4(s4)                    # ebreak
        lui t1, 0x10200
        addi t1, t1, 0x73
        sw t1, 8(s4)                    # sret: not for a user
        sw t0, 12(s4)
        fence.i
        li t0, 1
        slli t0, t0, 8
        csrc sstatus, t0
        csrw sepc, s4
        li s8, 3                        # the third trap to the supervisor from there goes on below
        sret
back:
        li s8, 0
        li s9, 1
        ecall                           # to machine mode, for good
        csrw satp, zero
        csrr s2, mstatus
        jal print
        csrr s2, medeleg
        jal print
        csrr s2, mie
        jal print
        li t0, 2
        csrw mideleg, t0
        csrw mie, t0
        csrw mip, t0
        csrr s2, mip
        andi s2, s2, 2                  # whether the timer is due at first is the board's business
        jal print
        csrr s2, sip
        jal print
        csrr s2, sie
        jal print
# The timer interrupts machine mode.
        csrw mideleg, zero
        csrw mip, zero
        li t0, 128
        csrw mie, t0
        lui t1, 0x2004
        sd zero, 0(t1)
        li t0, 8
        csrs mstatus, t0
        nop
        nop
        lui t0, 0x100
        lui t1, 0x53
        addi t1, t1, 0x333
        sw t1, 0(t0)
stop:   j stop

        .balign 4
machine_handler:
        mv s6, ra
        li s2, 0xD
        jal print
        csrr s2, mcause
        jal print
        csrr s2, mtval
        jal print
        csrr s2, mstatus
        jal print
        csrr a0, mcause
        bltz a0, timer
        csrr a0, mepc
        addi a0, a0, 4
        csrw mepc, a0
        beqz s9, 1f
        lui a0, 2
        addi a0, a0, -0x800
        csrs mstatus, a0
1:      mv ra, s6
        mret
timer:  csrw mie, zero
        mv ra, s6
        mret

        .balign 4
supervisor_handler:
        mv s7, ra
        csrr s2, scause
        jal print
        csrr s2, stval
        jal print
        csrr s2, sstatus
        jal print
        csrr a0, sepc
        addi a0, a0, 4
        csrw sepc, a0
        mv ra, s7
        beqz s8, 1f
        addi s8, s8, -1
        bnez s8, 1f
        auipc a0, 0
        addi a0, a0, back - there + 8
there:  csrw sepc, a0
        li a0, 256
        csrs sstatus, a0
1:      sret

print:  li a0, 60
2:      srl a1, s2, a0
        andi a1, a1, 15
        addi a2, a1, -10
        bltz a2, 3f
        addi a1, a1, 39
3:      addi a1, a1, 48
        sb a1, 0(s3)
        addi a0, a0, -4
        bgez a0, 2b
        li a1, 10
        sb a1, 0(s3)
        ret

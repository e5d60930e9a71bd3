# What riscv_guest.s enters by traps: of the hypervisor, of machine mode, of the guest; and its tables.
        .option norvc
machine_handler:
        csrrw sp, mscratch, sp
        la sp, stack
        sd ra, 0(sp)
        sd s2, 8(sp)
        li s2, 0x3333
        jal print
        csrr s2, mcause
        jal print
        csrr s2, mtval
        jal print
        csrr s2, mtval2
        jal print
        csrr s2, mstatus
        jal print
        ld ra, 0(sp)
        ld s2, 8(sp)
        csrr sp, mepc
        addi sp, sp, 4
        csrw mepc, sp
        csrrw sp, mscratch, sp
        mret
supervisor_handler:
        csrrw sp, sscratch, sp
        la sp, stack
        sd ra, 0(sp)
        sd s2, 8(sp)
        sd t0, 16(sp)
        sd t1, 24(sp)
        li s2, 0x1111
        jal print
        csrr s2, scause
        jal print
        csrr s2, stval
        jal print
        csrr s2, htval
        jal print
        csrr s2, htinst
        li t0, 0x3000                   # of implicit accesses alone: what else it tells is the implementation's choice
        beq s2, t0, 1f
        li s2, 0
1:      jal print
        csrr s2, hstatus
        jal print
        csrr s2, sstatus
        jal print
        csrr t0, scause
        li t1, 10
        beq t0, t1, 2f
        li t1, 20
        beq t0, t1, 3f
4:      csrr t0, sepc
        addi t0, t0, 4
        csrw sepc, t0
5:      ld ra, 0(sp)
        ld s2, 8(sp)
        ld t0, 16(sp)
        ld t1, 24(sp)
        csrrw sp, sscratch, sp
        sret
3:      ld t0, 0(sp)                    # where the guest wants to go on
        csrw sepc, t0
        j 5b
2:      li t0, 1
        beq a7, t0, delegate
        li t0, 3
        beq a7, t0, interrupt_it
        li t0, 4
        beq a7, t0, trap_more
        li t0, 5
        beq a7, t0, finish
        j 4b
delegate:
        li t0, 0xB1FF
        csrw hedeleg, t0
        j 4b
interrupt_it:
        li t0, 0x444
        csrw hideleg, t0
        li t0, 0x4
        csrw hvip, t0
        j 4b
trap_more:
        li t0, 7 << 20
        csrs hstatus, t0
        j 4b
finish: li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
        j .
guest_handler:
        mv a2, ra
        mv a3, s2
        li s2, 0x2222
        jal print
        csrr s2, scause
        jal print
        csrr s2, stval
        jal print
        csrr s2, sstatus
        jal print
        csrr s2, scause
        bltz s2, 6f
        li t0, 2
        csrr t1, scause
        li t2, 8
        bne t1, t2, 7f
        beq a7, t0, 8f
7:      csrr t0, sepc
        addi t0, t0, 4
        csrw sepc, t0
        j 9f
6:      csrwi sip, 0                    # no more of that
        j 9f
8:      la t0, guest_again
        csrw sepc, t0
        li t0, 0x100
        csrs sstatus, t0                # its supervisor goes on
9:      mv ra, a2
        mv s2, a3
        sret

to_supervisor:                          # at t0
        csrw mepc, t0
        li t1, 3 << 11
        csrc mstatus, t1
        li t1, 1 << 11
        csrs mstatus, t1
        mret
to_guest:
        csrw sepc, t0
        li t1, 0x180                    # SPV, SPVP
        csrs hstatus, t1
        li t1, 0x100
        csrs sstatus, t1
        sret

print:  li t5, 60
1:      srl t6, s2, t5
        andi t6, t6, 15
        addi a5, t6, -10
        bltz a5, 2f
        addi t6, t6, 39
2:      addi t6, t6, 48
        sb t6, 0(s3)
        addi t5, t5, -4
        bgez t5, 1b
        li t6, 10
        sb t6, 0(s3)
        ret

        .balign 0x4000
second_table:                           # 16 KB
        .skip 0x4000
second_middle:
        .skip 0x1000
second_pages:
        .skip 0x1000
guest_table:
        .skip 0x1000
data:   .dword 0x1122334455667788
        .skip 0xFF8
value:  .dword 0x99AABBCCDDEEFF00
        .skip 0x100
stack:  .skip 0x100

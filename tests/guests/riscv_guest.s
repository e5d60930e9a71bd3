# A small hypervisor and its guest: what traps tell, calls of the guest, faults of both stages, interrupts that a guest takes.
# Each line is a number in hexadecimal; QEMU prints the same. mtval2, htinst and the like stand in the order of `report`.
        .option norvc
        .globl _start
_start: la t0, machine_handler
        csrw mtvec, t0
        la t0, supervisor_handler
        csrw stvec, t0
        la t0, guest_handler
        csrw vstvec, t0
        li s3, 0x10000000               # the serial port
        la s4, guest_table
        la s5, second_table
        li t0, 0xF0B7FF                 # all that can be delegated
        csrw medeleg, t0
        csrr s2, medeleg
        jal print
        li t0, 0x222
        csrw mideleg, t0
        csrr s2, mideleg
        jal print
        li t0, -1
        csrw hedeleg, t0
        csrr s2, hedeleg
        jal print
        csrw hedeleg, zero
        csrw hideleg, t0
        csrr s2, hideleg
        jal print
        csrw hideleg, zero
        li t0, 0x7003C0
        csrw hstatus, t0
        csrr s2, hstatus
        jal print
        csrw hstatus, zero
        li t0, -1
        csrw hvip, t0
        csrr s2, hvip
        jal print
        csrr s2, hip
        jal print
        csrr s2, mip
        andi s2, s2, 0x444
        jal print
        csrw hvip, zero
        csrw hie, t0
        csrr s2, hie
        jal print
        csrr s2, mie
        jal print
        csrw mie, zero
        li t0, 0xC0122
        csrw vsstatus, t0
        csrr s2, vsstatus
        jal print
        csrw vsstatus, zero
        li t1, 7
        csrw mcounteren, t1

# Second stage: guest-physical 0x80000000 is RAM, gigapage, for users (all that a guest does is a user's here); 0x10000000 the
# serial port; 0x40000000 on are small pages: 0 plain, 1 read only, 2 not there, 3 the hypervisor's own.
        li t1, 0x20000000 | 0xDF        # D A U X W R V of 0x80000000
        sd t1, 16(s5)
        li t1, 0xDF
        sd t1, 0(s5)
        la t2, second_middle
        srli t1, t2, 2
        ori t1, t1, 1
        sd t1, 8(s5)
        la t3, second_pages
        srli t1, t3, 2
        ori t1, t1, 1
        sd t1, 0(t2)
        la t4, data
        srli t1, t4, 2
        ori t5, t1, 0x17                # U W R V: accessed and dirty are set by the hart
        sd t5, 0(t3)
        ori t5, t1, 0x53                # A U R V
        sd t5, 8(t3)
        sd zero, 16(t3)
        ori t5, t1, 0xCF                # D A X W R V, no user's
        sd t5, 24(t3)
        ori t5, t1, 0x59                # A U X V: execute only
        sd t5, 32(t3)
        srli t1, s5, 12
        li t2, 8
        slli t2, t2, 60
        or t1, t1, t2
        csrw hgatp, t1
        hfence.gvma

# The guest's own stage: the same addresses, by one gigapage each for its supervisor; 0xC0000000 is 0x40000000 for its users;
# 0x100000000 leads to a table that lies where the second stage has nothing.
        li t1, 0x20000000 | 0xCF
        sd t1, 16(s4)
        li t1, 0xCF
        sd t1, 0(s4)
        li t1, 0x10000000 | 0xCF
        sd t1, 8(s4)
        li t1, 0x10000000 | 0xDF
        sd t1, 24(s4)
        li t1, 0x10000800 | 1           # a table at 0x40002000
        sd t1, 32(s4)
        li t1, 0x10000400 | 1           # a table at 0x40001000, which can't be written
        sd t1, 40(s4)

# Supervisor mode, hypervisor.
        la t0, hypervisor
        jal to_supervisor
hypervisor:
        csrr s2, sstatus
        jal print
        la t1, value
        hlv.d s2, (t1)                  # the guest's stage is bare: guest-physical
        jal print
        li t1, 0x40000000
        hlv.w s2, (t1)
        jal print
        hlvx.hu s2, (t1)                # the manual's: not executable
        li t2, 0x40004000
        hlvx.hu s2, (t2)                # the manual's: which this is
        hlv.hu s2, (t2)                 # not readable
        li t1, 0x40001000
        hsv.w t1, (t1)                  # read only
        li t1, 0x40002000
        hlv.bu s2, (t1)
        li t1, 0x40003000
        hlv.d s2, (t1)
        li t1, 0x20000000000            # beyond 41 bits
        hlv.d s2, (t1)
        li t1, 0x90000000               # no RAM
        hlv.d s2, (t1)
        li t1, 0x40000008
        hsv.d t1, (t1)
        hlv.d s2, (t1)
        jal print
        ld s2, data + 8
        jal print

# The guest, in its supervisor mode, without a stage of its own.
        la t0, guest
        jal to_guest
guest:  csrr s2, sstatus                # which is vsstatus
        jal print
        ecall                           # to the hypervisor
        csrr s2, hstatus                # the hypervisor's business
        csrr s2, vsstatus
        csrr s2, mstatus                # nobody's
        csrw stvec, zero                # its own
        csrr s2, stvec
        jal print
        la t0, guest_handler
        csrw stvec, t0
        hlv.d s2, (t0)                  # the manual's: the instruction is told
        hfence.vvma
        hfence.gvma
        .insn 4, 0xFFFFFFFF
        rdtime t0
        li t1, 0x40000000
        lw s2, 0(t1)
        jal print
        sw t1, 16(t1)
        li t1, 0x40001000
        sw t1, 8(t1)                    # read only in the second stage
        amoadd.w t2, t1, (t1)
        li t1, 0x40002004
        lw s2, 0(t1)
        li t1, 0x40003000
        sd t1, 0(t1)
        li t1, 0x20000000000
        ld t1, 0(t1)
        li t1, 0x40002000
        la ra, after_fetch
        jr t1                           # nothing to execute there
after_fetch:
        li t1, 0x90000000
        ld t1, 0(t1)
        li t1, 3
        lr.d t1, (t1)                   # misaligned
# With a stage of its own.
        srli t1, s4, 12
        li t2, 8
        slli t2, t2, 60
        or t1, t1, t2
        csrw satp, t1
        sfence.vma
        csrr s2, satp
        jal print
        li t1, 0x40000000
        lw s2, 0(t1)
        jal print
        li t1, 0xC0000000
        lw s2, 0(t1)                    # its users': a fault of its own stage, which the hypervisor takes
        li t1, 1 << 18
        csrs sstatus, t1                # SUM
        li t1, 0xC0000000
        lw s2, 0(t1)
        jal print
        li t1, 0xC0001000
        sw t1, 0(t1)                    # the second stage forbids it
        li t1, 0x100000000
        lw t1, 0(t1)                    # its table isn't there
        li t1, 0x100000000
        sw t1, 0(t1)                    # the manual's: a store's fault
        li t1, 0x140000000              # its table can be read: no entry there
        lw t1, 0(t1)
        li t1, 0x180000000
        lw t1, 0(t1)                    # no entry at all
        la ra, after_fetch_2
        li t1, 0x100000000
        jr t1                           # the manual's: a fetch's fault
after_fetch_2:
# What it takes itself.
        li a7, 1                        # the hypervisor delegates
        ecall
        li t1, 0x180000000
        lw t1, 0(t1)
        ebreak
        .insn 4, 0xFFFFFFFF             # the manual's: 2
        li t1, 0x100000000
        lw t1, 0(t1)                    # not this one
# Its user.
        la t1, guest_user
        li t2, 0x100000000              # 0x180000000 is RAM for its users
        add t1, t1, t2
        csrw sepc, t1
        li t1, 0x100
        csrc sstatus, t1
        li t1, 0x20000000 | 0xDF
        sd t1, 48(s4)
        sfence.vma
        sret
guest_user:
        li a7, 0
        ecall                           # to its own supervisor
        csrr t1, sstatus                # the manual's: its supervisor could
        csrr t1, hstatus
        sret                            # the manual's: its supervisor could
        wfi
        sfence.vma                      # the manual's: its supervisor could
        rdtime t1                       # hcounteren allows none
        csrr t1, mstatus                # the manual's: 2
        li a7, 2
        ecall                           # back to its supervisor for good
        .skip 64
guest_again:
# Interrupts: the hypervisor has one pending for it.
        li a7, 3
        ecall
        nop
        csrr s2, sip
        jal print
        li t1, 0x222
        csrw sie, t1
        csrr s2, sie
        jal print
        csrsi sstatus, 2                # taken here
        nop
        csrr s2, sip
        jal print
        li a7, 4                        # VTVM, VTW, VTSR
        ecall
        csrr s2, satp                   # the manual's: VTVM
        sfence.vma
        wfi
        sret
        li a7, 5                        # the end
        ecall
        j .

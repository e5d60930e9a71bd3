# Where everything lies: the host's memory, the partition's, a vcpu's state, a thread's block. Macros of all files.
#
# The host runs in hypervisor real mode from address 0; nothing of it is ever translated. The partition has the memory from
# PARTITION on and sees it as real address 0 and up.

        .equ    PAGE_TABLE, 0x08000000          # of the partition; a multiple of its size
        .equ    TABLE_ORDER, 18
        .equ    TABLE_ENTRIES, 1 << (TABLE_ORDER - 4)
        .equ    TABLE_GROUPS, 1 << (TABLE_ORDER - 7)
        .equ    KEPT, PAGE_TABLE + (1 << TABLE_ORDER) # second doublewords as the partition gave them
        .equ    TRACE, 0x09000000               # what the partition left for: see trace.s
        .equ    TRACE_RECORDS, 1 << 16
        .equ    TCE_TABLE, 0x0A000000           # of the one bus that has a window
        .equ    TCE_BUS, 0x80000000
        .equ    TCE_WINDOW, 0x40000000
        .equ    PARTITION, 0x10000000
        .equ    PARTITION_SIZE, 0x10000000
        .equ    UART, 0x8000000000              # the machine's serial port, of host and partition alike
        .equ    UART_IER, 1                     # interrupt enable: 2 transmitter empty
        .equ    UART_IIR, 2
        .equ    DEBUG_EXIT, 0x8000001000        # ends the run of the machine
        .equ    LEAST_FAVOURED, 0xFF            # interrupt priority
        .equ    LPID, 1
        .ifndef VCPUS
        .equ    VCPUS, 4
        .endif
        .equ    QUANTUM, 20000                  # ticks of HDEC that a vcpu gets while there are others

        # Bits of registers (MSR_ME), numbers of SPRs (SPR_LPCR), bits of page table entries and of DSISR are the description's names.
        .equ    PARTITION_MSR, MSR_SF | MSR_ME  # as a vcpu begins, and each of its interrupts

        # A vcpu.
        .equ    VCPU_GPR, 0
        .equ    VCPU_PC, 0x100
        .equ    VCPU_MSR, 0x108
        .equ    VCPU_CR, 0x110
        .equ    VCPU_LR, 0x118
        .equ    VCPU_CTR, 0x120
        .equ    VCPU_XER, 0x128
        .equ    VCPU_SPRS, 0x130                # in the order of the macro `each_spr`
        .equ    VCPU_DEC, 0x1F0                 # time base at which its decrementer is zero
        .equ    VCPU_TRAP, 0x200                # vector of the last exit; 0: it was taken out without one
        .equ    VCPU_REASON, 0x208              # SRR1 or HSRR1 of it
        .equ    VCPU_FAULT, 0x210               # HDAR
        .equ    VCPU_STATUS, 0x218              # HDSISR
        .equ    VCPU_REAL, 0x220                # partition real address of an access to a device
        .equ    VCPU_WORD, 0x228                # the instruction that makes it
        .equ    VCPU_NUMBER, 0x230
        .equ    VCPU_STARTED, 0x238
        .equ    VCPU_CEDED, 0x240
        .equ    VCPU_PRODDED, 0x248
        .equ    VCPU_EXTERNAL, 0x250            # an external interrupt is requested
        .equ    VCPU_VPA, 0x258                 # registered, pending, used: three doublewords
        .equ    VCPU_LOG, 0x270                 # the same of the dispatch trace log
        .equ    VCPU_SHADOW, 0x288              # and of the SLB shadow buffer
        .equ    AREA_PENDING, 8
        .equ    AREA_USED, 16
        .equ    VCPU_LOG_SIZE, 0x2A0            # its entries
        .equ    VCPU_LOG_INDEX, 0x2A8
        .equ    VCPU_CPPR, 0x2B0                # presentation controller: priority,
        .equ    VCPU_MFRR, 0x2B8                # requested by interprocessor interrupt,
        .equ    VCPU_PRESENTED, 0x2C0           # source and
        .equ    VCPU_PRESENTED_AT, 0x2C8        # priority of what is presented
        .equ    VCPU_RUNNING, 0x2D0             # it has a thread
        .equ    VCPU_SLB, 0x400                 # pairs as slbmte takes them
        .equ    VCPU_VECTORS, 0x800             # 64 registers of 16 bytes
        .equ    VCPU_FPSCR, 0xC00
        .equ    VCPU_VSCR, 0xC10
        .equ    VCPU_SIZE, 0x1000

        # A hardware thread's block; HSPRG0 points to it.
        .equ    T_VCPU, 0                       # what it runs; 0: the host
        .equ    T_STACK, 8                      # the host's r1 meanwhile
        .equ    T_R10, 16
        .equ    T_R11, 24
        .equ    T_R12, 32
        .equ    T_CR, 40
        .equ    T_WOKEN, 48                     # where the host goes on after a nap; 0: it does not nap
        .equ    T_NUMBER, 56
        .equ    T_ASSIGNED, 64                  # the vcpu that it is to run; 0: none
        .equ    T_IDLE, 72                      # its stack when it is idle
        .equ    T_STATE_LOST, 80                # a guest has used it since: its nonvolatile registers are in its frame only
        .equ    T_WORK, 88                      # the host has work for it
        .equ    T_SIZE, 128
        .equ    STACK, 4096                     # bytes of a thread's stack

        # Exit kinds of the trace.
        .equ    TRACE_EXIT, 1
        .equ    TRACE_CALL, 2
        .equ    TRACE_ACCESS, 3

        .equ    HPTE_RECORDED, HPTE_REFERENCED | HPTE_CHANGED

        .macro  load64 register, value
        lis     \register, (\value)@highest
        ori     \register, \register, (\value)@higher
        sldi    \register, \register, 32
        oris    \register, \register, (\value)@h
        ori     \register, \register, (\value)@l
        .endm

        # Host addresses are below 2 GB.
        .macro  address register, name
        lis     \register, (\name)@h
        ori     \register, \register, (\name)@l
        .endm

        # A function that calls others: r1 and LR, and registers from r`first` up.
        .macro  enter first = 31
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -256(r1)
        each_gpr_from \first, std, r1, 112 - 14 * 8
        .endm
        .macro  leave first = 31
        each_gpr_from \first, ld, r1, 112 - 14 * 8
        addi    r1, r1, 256
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .endm
        .macro  each_gpr_from first, instruction, base, offset
        .irp    n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        .if     \n >= \first
        \instruction r\n, \offset + \n * 8(\base)
        .endif
        .endr
        .endm

        # Of a hypercall of the vcpu in r31: the value of its r`number`, and a result for it.
        .macro  argument register, number
        ld      \register, VCPU_GPR + 8 * \number(r31)
        .endm
        .macro  result number, register
        std     \register, VCPU_GPR + 8 * \number(r31)
        .endm

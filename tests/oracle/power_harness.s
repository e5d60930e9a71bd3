# Runs thousands of small code blocks under qemu-ppc64, each from a register state of its own.
#
# qemu_power.py makes the input (standard input) and reads the output (standard output), two files of
# equal records that are mapped here; it also passes every offset and address as a symbol. Power can
# address the lowest 32 KiB without a base register, so what the harness must remember while a block owns
# all registers stands there.

        .section .descriptors, "aw"     # ELFv1: entry point and handlers are named by descriptors
        .globl start
start:  .quad .Lstart, 0, 0
on_signal:
        .quad .Lon_signal, 0, 0

        .section .low, "aw"
header:                                 # the first words of standard input
count:      .quad 0
in_bytes:   .quad 0
out_bytes:  .quad 0
next_in:    .quad IN_BASE
next_out:   .quad OUT_BASE
block_r31:  .quad 0
block_ctr:  .quad 0
fault:      .quad 0, 0, 0, 0            # signal, si_code, si_addr, address of the instruction
action:     .quad on_signal, 0x48000004, 0, 0   # SA_NODEFER | SA_ONSTACK | SA_SIGINFO
stack:      .quad SIGNAL_STACK, 0, SIGNAL_STACK_BYTES
dummy:      .quad 0

        .text
.macro  system_call number
        li      0, \number
        sc
        bso     .Lgive_up
.endm
.macro  map address, length, protection, flags, descriptor, offset
        lis     3, (\address)@h
        ori     3, 3, (\address)@l
        \length
        li      5, \protection
        li      6, \flags
        li      7, \descriptor
        li      8, \offset
        system_call 90
.endm

# Map the input where its code can be executed (private, never written: writing next to code would make
# QEMU translate it again), the output to be written, the page that blocks may use, and a signal stack.
.Lstart:
        li      3, 0
        la      4, header(0)
        li      5, 24
        system_call 3
        map     IN_BASE, "ld 4, in_bytes(0)", 5, 0x12, 0, 4096
        map     OUT_BASE, "ld 4, out_bytes(0)", 3, 0x11, 1, 0
        map     MEMORY_PAGE, "li 4, 4096", 3, 0x32, -1, 0
        map     SIGNAL_STACK, "li 4, SIGNAL_STACK_BYTES", 3, 0x32, -1, 0
        la      3, stack(0)
        li      4, 0
        system_call 185
        .irp    signal, 4, 5, 7, 8, 11  # SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
        li      3, \signal
        la      4, action(0)
        li      5, 0
        li      6, 8
        system_call 173
        .endr

# Set up one block. FPSCR and VSCR come before the registers that carry them in; the last three registers
# are loaded in the record itself, in front of the block, since the jump there needs CTR.
.Lnext:
        ld      1, count(0)
        cmpdi   1, 0
        beq     .Lfinish
        ld      31, next_in(0)
        lis     1, MEMORY@h
        ori     1, 1, MEMORY@l
        .set    i, 0
        .rept   MEMORY_BYTES / 8
        ld      2, MEMORY_AT + i * 8(31)
        std     2, i * 8(1)
        .set    i, i + 1
        .endr
        lfd     0, FPSCR_AT(31)
        .if     HAS_VSX
        mtfsf   0xff, 0, 1, 0           # all 64 bits
        .else
        mtfsf   0xff, 0
        .endif
        addi    30, 31, VSCR_AT
        lvx     0, 0, 30
        mtvscr  0
        .set    i, 0
        .rept   64
        .if     HAS_VSX
        addi    30, 31, VSR_AT + i * 16
        lxvd2x  i, 0, 30
        .elseif i < 32
        lfd     i, VSR_AT + i * 16(31)
        .else
        addi    30, 31, VSR_AT + i * 16
        lvx     i - 32, 0, 30
        .endif
        .set    i, i + 1
        .endr
        li      0, 0
        std     0, fault(0)
        std     0, fault + 8(0)
        std     0, fault + 16(0)
        std     0, fault + 24(0)
        la      1, dummy(0)             # no reservation is left from the block before
        stdcx.  0, 0, 1
        ld      0, CTR_AT(31)
        std     0, block_ctr(0)
        ld      0, 31 * 8(31)
        std     0, block_r31(0)
        ld      0, LR_AT(31)
        mtlr    0
        ld      0, XER_AT(31)
        mtxer   0
        ld      0, VRSAVE_AT(31)
        mtspr   256, 0
        addi    0, 31, CODE_AT
        mtctr   0
        ld      0, CR_AT(31)
        mtcrf   0xff, 0
        .set    i, 0
        .rept   31
        ld      i, i * 8(31)
        .set    i, i + 1
        .endr
        bctr

# Each record begins its code with these words, and ends it with the branch.
        .globl  prologue, epilogue
prologue:
        ld      31, block_ctr(0)
        mtctr   31
        ld      31, block_r31(0)
epilogue:
        ba      .Lafter

# Save what the block left. A fault arrives here too, with the registers as they were at the fault.
.Lafter:
        std     31, block_r31(0)
        ld      31, next_out(0)
        .set    i, 0
        .rept   31
        std     i, i * 8(31)
        .set    i, i + 1
        .endr
        ld      30, block_r31(0)
        std     30, 31 * 8(31)
        mfcr    0
        std     0, CR_AT(31)
        mfxer   0
        std     0, XER_AT(31)
        mflr    0
        std     0, LR_AT(31)
        mfctr   0
        std     0, CTR_AT(31)
        mfspr   0, 256
        std     0, VRSAVE_AT(31)
        .set    i, 0
        .rept   64
        .if     HAS_VSX
        addi    30, 31, VSR_AT + i * 16
        stxvd2x i, 0, 30
        .elseif i < 32
        stfd    i, VSR_AT + i * 16(31)
        .else
        addi    30, 31, VSR_AT + i * 16
        stvx    i - 32, 0, 30
        .endif
        .set    i, i + 1
        .endr
        mffs    0
        stfd    0, FPSCR_AT(31)
        mfvscr  0
        addi    30, 31, VSCR_AT
        stvx    0, 0, 30
        .set    i, 0
        .rept   4
        ld      0, fault + i * 8(0)
        std     0, FAULT_AT + i * 8(31)
        .set    i, i + 1
        .endr
        lis     1, MEMORY@h
        ori     1, 1, MEMORY@l
        .set    i, 0
        .rept   MEMORY_BYTES / 8
        ld      2, i * 8(1)
        std     2, MEMORY_AT + i * 8(31)
        .set    i, i + 1
        .endr
        li      0, 1
        std     0, DONE_AT(31)
        addi    31, 31, OUT_RECORD
        std     31, next_out(0)
        ld      31, next_in(0)
        addi    31, 31, IN_RECORD
        std     31, next_in(0)
        ld      31, count(0)
        addi    31, 31, -1
        std     31, count(0)
        b       .Lnext

# Note the fault, then let the return from the signal restore the block's registers and go on at .Lafter.
.Lon_signal:
        std     3, fault(0)
        lwz     0, 8(4)
        std     0, fault + 8(0)
        ld      0, 16(4)
        std     0, fault + 16(0)
        ld      6, UCONTEXT_REGS(5)
        ld      0, 32 * 8(6)            # nip
        std     0, fault + 24(0)
        lis     0, .Lafter@h
        ori     0, 0, .Lafter@l
        std     0, 32 * 8(6)
        blr

.Lfinish:
        li      3, 0
        li      0, 1
        sc
.Lgive_up:
        li      3, 99
        li      0, 1
        sc

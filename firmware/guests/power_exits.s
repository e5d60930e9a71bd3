# What leaves a partition, and what of it comes back as the partition's own interrupt.
#
# An illegal instruction goes to the hypervisor (emulation assistance), which hands it back as a program interrupt that says "illegal". What
# the partition does to itself never leaves: a trap, an instruction that problem state may not execute, a system call of its own
# programs. `sc 1` is a hypercall from the kernel alone: from problem state it is a system call like any other.

        .text
        .equ    VSID, 0x123
        .equ    INDEX, 0x918
        .equ    FIRST, 0x0000000000123005       # virtual segment 0x123, page 0, valid, a large page
        .equ    SECOND, 0x192                   # real 0 to 16 MB, read and write in both states
        .equ    ILLEGAL, 0x80000                # reasons in SRR1
        .equ    PRIVILEGED, 0x40000
        .equ    TRAP, 0x20000
        .equ    REASONS, 0x1F0000
        .equ    NOBODYS_CALL, 0xF04
        .equ    MARK, 0x5A

        .include "../lib/power_guest.s"

        main_begins
        far_decrementer
        li      r25, 0
        handle  on_program, program
        handle  on_system_call, system_call
        handle  on_floating_point, no_floating_point
        # Problem state has external interrupts on. A decrementer that was due before (QEMU keeps it) is nobody's business.
        handle  on_decrementer, ticked

        # An illegal instruction: SRR0 is where it stands, SRR1 says why, and the partition's own MSR is in it.
        li      r24, 0
        address r27, 1f
        mfmsr   r26
1:      .4byte  0
        check   1, r24, ILLEGAL
        check   2, r23, 0
        cmpd    r22, r27
        li      r31, 3
        bne     failed

        # A trap is the partition's own.
        li      r24, 0
        address r27, 2f
2:      trap
        check   4, r24, TRAP
        cmpd    r22, r27
        li      r31, 5
        bne     failed

        # No floating point without MSR.FP.
        li      r24, 0
        li      r22, 0
        address r27, 8f
8:      fadd    f1, f2, f3
        check   6, r24, MARK
        cmpd    r20, r27
        li      r31, 21
        bne     failed
        check   20, r22, 0                      # no program interrupt on the way

        # A system call of the kernel's own. The next instruction is where it goes on.
        li      r24, 0
        li      r3, MARK
        address r27, 3f
        sc
3:      check   7, r24, MARK
        cmpd    r22, r27
        li      r31, 8
        bne     failed

        # A call that nobody has: H_FUNCTION, and its arguments are what they were.
        li      r3, NOBODYS_CALL
        li      r4, 4
        li      r5, 5
        li      r12, 12
        sc      1
        check   9, r3, H_FUNCTION
        check   10, r4, 4
        check   11, r5, 5
        check   12, r12, 12

        # The same in problem state, where storage is translated: a large page of its own makes everything be where it is.
        enter_page H_EXACT, INDEX, FIRST, SECOND
        check   13, r3, H_SUCCESS
        load64  r4, 0x8000000
        load64  r5, VSID << 12 | 0x100          # large pages
        slbmte  r5, r4
        isync
        li      r24, 0
        address r27, 5f
        li      r3, H_CEDE
        address r4, 4f
        mtsrr0  r4
        mfmsr   r4
        load64  r5, MSR_PR | MSR_IR | MSR_DR | MSR_EE
        or      r4, r4, r5
        mtsrr1  r4
        rfid
4:      sc      1
5:      mr      r18, r22
        mr      r19, r23
        mr      r20, r24

        # What problem state may not do; the handler comes back to the kernel's state.
        li      r24, 0
        li      r25, 1
6:      mtmsrd  r3
        check   14, r20, H_CEDE                 # a system call, with the number that a hypercall would have had
        cmpd    r18, r27
        li      r31, 15
        bne     failed
        check   16, r19, MSR_PR
        check   17, r24, PRIVILEGED
        address r27, 6b
        cmpd    r22, r27
        li      r31, 18
        bne     failed
        mfmsr   r4
        load64  r5, MSR_PR
        and     r4, r4, r5
        check   19, r4, 0

        main_ends

# A program interrupt: r22 = where, r23 = problem state then, r24 = the reason. It goes on behind the instruction; in the kernel's state if r25
# says so.
program:
        mfsrr0  r22
        mfsrr1  r3
        load64  r23, REASONS
        and     r24, r3, r23
        load64  r23, MSR_PR
        and     r23, r3, r23
        cmpwi   r25, 1
        bne     1f
        load64  r21, MSR_PR | MSR_IR | MSR_DR
        andc    r3, r3, r21
1:      load64  r21, REASONS
        andc    r3, r3, r21
        mtsrr1  r3
        addi    r21, r22, 4
        mtsrr0  r21
        mfsprg  r3, 1
        rfid

# A system call: r24 = its number.
system_call:
        mfsrr0  r22
        mfsrr1  r3
        load64  r23, MSR_PR
        and     r23, r3, r23
        mfsprg  r24, 1
        mr      r3, r24
        rfid

ticked: far_decrementer
        mfsprg  r3, 1
        rfid

no_floating_point:
        li      r24, MARK
        mfsrr0  r20
        addi    r3, r20, 4
        mtsrr0  r3
        mfsprg  r3, 1
        rfid

        guest_is power_exits

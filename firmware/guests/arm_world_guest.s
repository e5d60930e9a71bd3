@ A guest that springs every trap which a hypervisor answers, and checks that nothing else of it is noticed.
@
@ It runs under hoststubs/arm, and without a line changed under the KVM/Arm model: the sequence of its exits has to be the same. It
@ knows three slots of memory (run_world.s) and a PL011, and runs in Supervisor mode, stage 1 off at first.

        .include "arm_guest_checks.s"

guest_entry:
        ldr     sp, =0x40300000
        ldr     r0, =guest_vectors
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR

        @ Registers that the hypervisor plays.
        mvn     r4, #0
        mcr     p15, 0, r4, c1, c0, 1           @ ACTLR
        mrc     p15, 0, r5, c1, c0, 1
        check   1, r5, 0
        mvn     r5, #0
        mrc     p15, 1, r5, c9, c0, 2           @ L2CTLR: the number of processors, less one
        ubfx    r5, r5, #24, #2
        check   2, r5, 0
        mvn     r5, #0
        mrc     p15, 1, r5, c9, c0, 3           @ L2ECTLR
        check   3, r5, 0
        mcr     p15, 0, r4, c9, c12, 0          @ PMCR
        mvn     r5, #0
        mrc     p15, 0, r5, c9, c12, 0
        check   4, r5, 0
        mvn     r5, #0
        mrc     p15, 0, r5, c9, c13, 0          @ PMCCNTR
        check   5, r5, 0
        mov     r5, #0
        mcr     p15, 0, r5, c7, c14, 2          @ DCCISW
        mcr     p15, 0, r5, c7, c10, 2          @ DCCSW
        mcr     p15, 0, r5, c7, c6, 2           @ DCISW

        @ What is undefined: an unknown HVC, SMC, a register that nobody has, the physical timer.
        trapped 1f
        ldr     r0, =0x1234
        hvc     #0x11
1:      check   6, r11, 1
        check   75, r10, 1b - 2 * T32           @ LR_und: 4 or 2 bytes behind the HVC's own address
        trapped 1f
        smc     #0
1:      check   7, r11, 1
        trapped 1f
        mrc     p15, 0, r5, c15, c0, 0
1:      check   8, r11, 1
        trapped 1f
        mrc     p15, 0, r5, c14, c2, 1          @ CNTP_CTL
1:      check   9, r11, 1
        trapped 1f
        mrrc    p15, 2, r5, r6, c14             @ CNTP_CVAL
1:      check   10, r11, 1
        ldr     r0, =PSCI_VERSION
        hvc     #0
        check   11, r0, 2

        @ Waiting: a hypervisor that has nothing else to do comes back.
        wfi

        @ VFP: the first use after each exit traps, and nothing is lost.
        mrc     p15, 0, r4, c1, c0, 2
        orr     r4, r4, #0xF << 20
        mcr     p15, 0, r4, c1, c0, 2           @ CPACR
        isb     sy
        mov     r4, #1 << 30
        vmsr    fpexc, r4
        ldr     r5, =0x11223344
        ldr     r6, =0x55667788
        vmov    d0, r5, r6
        vmov    d31, r6, r5
        ldr     r4, =0x03000000
        vmsr    fpscr, r4
        exit
        vmov    r7, r8, d31
        check   12, r7, 0x55667788
        check   13, r8, 0x11223344
        vmov    r7, r8, d0
        check   14, r7, 0x11223344
        vmrs    r7, fpscr
        check   15, r7, 0x03000000

        @ Memory: a block, pages, memory that can only be read.
        ldr     r4, =0x40400000
        str     r4, [r4]
        ldr     r5, [r4]
        check   16, r5, 0x40400000
        ldr     r4, =0x50000000
        ldr     r5, [r4, #4]
        str     r4, [r4, #4]
        add     r6, r4, #4096
        str     r6, [r6]
        ldr     r5, [r4, #4]
        check   17, r5, 0x50000000
        ldr     r4, =0x50010000
        ldr     r5, [r4]
        str     r4, [r4]
        strh    r4, [r4, #2]
        ldr     r6, [r4]
        cmp     r5, r6
        beq     1f
        mov     r0, #18
        b       guest_failed
1:

        @ A device, by loads and stores of each size and sign.
        ldr     r4, =UART_ID
        ldr     r5, [r4]
        check   19, r5, 0x11
        ldrb    r5, [r4, #4]
        check   20, r5, 0x10
        ldrh    r5, [r4, #8]
        check   21, r5, 0x14
        ldrsb   r5, [r4, #0x14]
        check   22, r5, 0xFFFFFFF0
        ldrsh   r5, [r4, #0x14]
        check   23, r5, 0xF0
        ldrb    r5, [r4, #0x1C]
        check   24, r5, 0xB1

        @ Nothing is fetched from a device.
        trapped 1f
        ldr     r5, =UART | T32                 @ bit 0: the instruction set stays
        bx      r5
1:      check   25, r11, 2
        mrc     p15, 0, r5, c5, c0, 1           @ IFSR: a debug event
        check   26, r5, 2
        mrc     p15, 0, r5, c6, c0, 2           @ IFAR
        check   27, r5, 0x09000000

        @ An exclusive access does not outlive an exit.
        ldr     r4, =0x40400000
        ldrex   r5, [r4]
        strex   r6, r5, [r4]
        check   28, r6, 0
        ldrex   r5, [r4]
        exit
        strex   r6, r5, [r4]
        check   29, r6, 1

        b       registers
        .ltorg

@ Every banked register and every system register that an operating system sets up outlives an exit.
        .macro  banked name, value
        ldr     r4, =\value
        msr     \name, r4
        .endm
        .macro  still number, name, value
        mrs     r4, \name
        check   \number, r4, \value
        .endm
        .macro  system opc1, crn, crm, opc2, value
        ldr     r4, =\value
        mcr     p15, \opc1, r4, \crn, \crm, \opc2
        .endm
        .macro  system_still number, opc1, crn, crm, opc2, value
        mrc     p15, \opc1, r4, \crn, \crm, \opc2
        check   \number, r4, \value
        .endm

registers:
        banked  SP_usr, 0x1001
        ldr     r4, =0x1002
        mov     lr, r4
        banked  LR_usr, 0x1008
        banked  SP_abt, 0x1003
        banked  LR_abt, 0x1004
        banked  SPSR_abt, 0x10
        banked  SP_und, 0x1006
        banked  LR_und, 0x1007
        banked  SPSR_und, 0x11
        banked  SP_irq, 0x1009
        banked  LR_irq, 0x100A
        banked  SPSR_irq, 0x12
        banked  R8_fiq, 0x100C
        banked  R9_fiq, 0x100D
        banked  R10_fiq, 0x100E
        banked  R11_fiq, 0x100F
        banked  R12_fiq, 0x1010
        banked  SP_fiq, 0x1011
        banked  LR_fiq, 0x1012
        banked  SPSR_fiq, 0x13
        ldr     r4, =0x80000010
        msr     SPSR_cxsf, r4
        system  2, c0, c0, 0, 1                 @ CSSELR
        system  0, c3, c0, 0, 0x12345675        @ DACR
        system  0, c5, c0, 0, 0x0D              @ DFSR
        system  0, c5, c0, 1, 0x0F              @ IFSR
        system  0, c6, c0, 0, 0x2001            @ DFAR
        system  0, c6, c0, 2, 0x2002            @ IFAR
        system  0, c2, c0, 1, 0x40240000        @ TTBR1
        system  0, c10, c2, 0, 0x00098AA4       @ PRRR
        system  0, c10, c2, 1, 0x44E048E1       @ NMRR
        system  0, c13, c0, 1, 0x2004           @ CONTEXTIDR
        system  0, c13, c0, 2, 0x2005
        system  0, c13, c0, 3, 0x2006
        system  0, c13, c0, 4, 0x2007
        system  0, c14, c1, 0, 0x103            @ CNTKCTL
        ldr     r5, =0x40247000
        mov     r6, #0
        mcrr    p15, 0, r5, r6, c7              @ PAR
        ldr     r5, =0x3005
        ldr     r6, =0x3006
        ldr     r7, =0x3007
        ldr     r8, =0x3008
        ldr     r9, =0x3009
        ldr     r10, =0x300A
        exit
        check   30, r5, 0x3005
        check   31, r6, 0x3006
        check   32, r7, 0x3007
        check   33, r8, 0x3008
        check   34, r9, 0x3009
        check   35, r10, 0x300A
        check   36, lr, 0x1002
        still   37, SP_usr, 0x1001
        still   73, LR_usr, 0x1008
        still   38, SP_abt, 0x1003
        still   39, LR_abt, 0x1004
        still   40, SPSR_abt, 0x10
        still   41, SP_und, 0x1006
        still   42, LR_und, 0x1007
        still   43, SPSR_und, 0x11
        still   44, SP_irq, 0x1009
        still   45, LR_irq, 0x100A
        still   46, SPSR_irq, 0x12
        still   47, R8_fiq, 0x100C
        still   48, R9_fiq, 0x100D
        still   49, R10_fiq, 0x100E
        still   50, R11_fiq, 0x100F
        still   51, R12_fiq, 0x1010
        still   52, SP_fiq, 0x1011
        still   53, LR_fiq, 0x1012
        still   54, SPSR_fiq, 0x13
        mrs     r4, SPSR
        check   55, r4, 0x80000010
        b       1f
        .ltorg
1:      system_still 56, 2, c0, c0, 0, 1
        system_still 57, 0, c3, c0, 0, 0x12345675
        system_still 58, 0, c5, c0, 0, 0x0D
        system_still 59, 0, c5, c0, 1, 0x0F
        system_still 60, 0, c6, c0, 0, 0x2001
        system_still 61, 0, c6, c0, 2, 0x2002
        system_still 62, 0, c2, c0, 1, 0x40240000
        system_still 63, 0, c10, c2, 0, 0x00098AA4
        system_still 64, 0, c10, c2, 1, 0x44E048E1
        system_still 65, 0, c13, c0, 1, 0x2004
        system_still 66, 0, c13, c0, 2, 0x2005
        system_still 67, 0, c13, c0, 3, 0x2006
        system_still 68, 0, c13, c0, 4, 0x2007
        system_still 69, 0, c14, c1, 0, 0x103
        mrrc    p15, 0, r5, r6, c7
        check   70, r5, 0x40247000

        @ Stage 1 on, with sections: 0x402-0x404 and the serial port to themselves, 0x800 to 0x500. A store to read-only memory is a
        @ permission fault now, after which HPFAR tells nothing.
        ldr     r4, =0x40240000
        mov     r5, #0
        add     r6, r4, #0x4000
1:      str     r5, [r4], #4
        cmp     r4, r6
        bne     1b
        ldr     r4, =0x40240000 + 0x402 * 4
        ldr     r5, =0x40200C02
        str     r5, [r4]
        add     r5, r5, #1 << 20
        str     r5, [r4, #4]
        add     r5, r5, #1 << 20
        str     r5, [r4, #8]
        ldr     r4, =0x40240000 + 0x090 * 4
        ldr     r5, =0x09000C02
        str     r5, [r4]
        ldr     r4, =0x40240000 + 0x800 * 4
        ldr     r5, =0x50000C02
        str     r5, [r4]
        dsb     sy
        mov     r5, #0
        mcr     p15, 0, r5, c2, c0, 2           @ TTBCR
        ldr     r4, =0x40240000
        mcr     p15, 0, r4, c2, c0, 0           @ TTBR0
        mov     r5, #1
        mcr     p15, 0, r5, c3, c0, 0           @ DACR
        mov     r5, #0
        mcr     p15, 0, r5, c8, c7, 0           @ TLBIALL
        isb     sy
        mrc     p15, 0, r5, c1, c0, 0
        orr     r5, r5, #1
        mcr     p15, 0, r5, c1, c0, 0
        isb     sy
        ldr     r4, =0x80010000
        ldr     r6, [r4, #8]
        ldr     r5, =0x40248000
        mov     r8, #0
        mcrr    p15, 0, r5, r8, c7              @ PAR, which the hypervisor needs for itself then
        str     r4, [r4, #8]
        mrrc    p15, 0, r5, r8, c7
        check   74, r5, 0x40248000
        ldr     r7, [r4, #8]
        cmp     r6, r7
        beq     1f
        mov     r0, #71
        b       guest_failed
1:      ldr     r4, =0x80000004
        ldr     r5, [r4]
        check   72, r5, 0x50000000
        mrc     p15, 0, r5, c1, c0, 0
        bic     r5, r5, #1
        mcr     p15, 0, r5, c1, c0, 0
        isb     sy
        b       guest_passed
        .ltorg

name_of_guest:
        .asciz  "arm_world_guest"

        .section .rodata, "a"
        .global guest_name
guest_name:
        .if T32
        .asciz  "arm_world_t32"
        .else
        .asciz  "arm_world"
        .endif

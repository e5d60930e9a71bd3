@ The system registers of a world, to memory and back.
@
@ Linux 3.9, arch/arm/kvm/interrupts_head.S (read_cp15_state, write_cp15_state): what an operating system at PL1 has set up, and
@ Hyp mode does not touch by itself. r1 is the block; r4 and r5 are lost.

        .syntax unified
        .text
        .if T32
        .thumb
        .endif

        .macro  each_cp15 word, pair
        \pair   0, 0, c2                        @ TTBR0
        \pair   8, 1, c2                        @ TTBR1
        \pair   16, 0, c7                       @ PAR
        \word   24, 2, c0, c0, 0                @ CSSELR
        \word   28, 0, c1, c0, 0                @ SCTLR
        \word   32, 0, c1, c0, 2                @ CPACR
        \word   36, 0, c2, c0, 2                @ TTBCR
        \word   40, 0, c3, c0, 0                @ DACR
        \word   44, 0, c5, c0, 0                @ DFSR
        \word   48, 0, c5, c0, 1                @ IFSR
        \word   52, 0, c5, c1, 0                @ ADFSR
        \word   56, 0, c5, c1, 1                @ AIFSR
        \word   60, 0, c6, c0, 0                @ DFAR
        \word   64, 0, c6, c0, 2                @ IFAR
        \word   68, 0, c10, c2, 0               @ PRRR, MAIR0
        \word   72, 0, c10, c2, 1               @ NMRR, MAIR1
        \word   76, 0, c10, c3, 0               @ AMAIR0
        \word   80, 0, c10, c3, 1               @ AMAIR1
        \word   84, 0, c12, c0, 0               @ VBAR
        \word   88, 0, c13, c0, 1               @ CONTEXTIDR
        \word   92, 0, c13, c0, 2               @ TPIDRURW
        \word   96, 0, c13, c0, 3               @ TPIDRURO
        \word   100, 0, c13, c0, 4              @ TPIDRPRW
        \word   104, 0, c14, c1, 0              @ CNTKCTL
        .endm

        .macro  save_word at, opc1, crn, crm, opc2
        mrc     p15, \opc1, r4, \crn, \crm, \opc2
        str     r4, [r1, #\at]
        .endm
        .macro  save_pair at, opc1, crm
        mrrc    p15, \opc1, r4, r5, \crm
        strd    r4, r5, [r1, #\at]
        .endm
        .macro  load_word at, opc1, crn, crm, opc2
        ldr     r4, [r1, #\at]
        mcr     p15, \opc1, r4, \crn, \crm, \opc2
        .endm
        .macro  load_pair at, opc1, crm
        ldrd    r4, r5, [r1, #\at]
        mcrr    p15, \opc1, r4, r5, \crm
        .endm

        .global save_cp15
        .type   save_cp15, %function
save_cp15:
        each_cp15 save_word, save_pair
        bx      lr
        .size   save_cp15, . - save_cp15

        .global load_cp15
        .type   load_cp15, %function
load_cp15:
        each_cp15 load_word, load_pair
        bx      lr
        .size   load_cp15, . - load_cp15

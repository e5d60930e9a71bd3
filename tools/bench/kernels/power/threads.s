# Threads of one core that run, prod each other in a ring, and cede: THREADS of them, a power of two.
#
# A round of one is WORK iterations of eight instructions, H_PROD of its neighbour, H_CEDE. The first thread's rounds are counted; the others go
# on for ever. A prod that comes before the cede lets that return at once, so that between one and all of them are awake.

        .text
        .equ    ROUNDS, 100
        .equ    WORK, 1250
        .global kernel
        .type   kernel, @function
kernel:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -64(r1)
        std     r30, 32(r1)
        std     r31, 40(r1)
        lis     r9, started@ha
        lwz     r10, started@l(r9)
        cmpwi   r10, 0
        bne     2f
        li      r30, 1
        stw     r30, started@l(r9)

        # RTAS start-cpu: each begins at `thread` with its number in r3.
1:      lis     r4, block@h
        ori     r4, r4, block@l
        stw     r30, 12(r4)
        stw     r30, 20(r4)
        lis     r3, H_RTAS@h
        ori     r3, r3, H_RTAS@l
        sc      1
        addi    r30, r30, 1
        cmpwi   r30, THREADS
        blt     1b

2:      lis     r3, 0x7FFF                      # the decrementer wakes nobody
        mtdec   r3
        li      r30, ROUNDS
        li      r31, 0
3:      bl      work
        rotlwi  r31, r31, 1
        add     r31, r31, r8
        li      r3, H_PROD
        li      r4, 1
        sc      1
        add     r31, r31, r3                    # H_SUCCESS is zero
        li      r3, H_CEDE
        sc      1
        add     r31, r31, r3
        addic.  r30, r30, -1
        bne     3b
        mr      r3, r31
        ld      r30, 32(r1)
        ld      r31, 40(r1)
        addi    r1, r1, 64
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   kernel, . - kernel

thread: addi    r30, r3, 1
        andi.   r30, r30, THREADS - 1
        lis     r3, 0x7FFF
        mtdec   r3
4:      bl      work
        li      r3, H_PROD
        mr      r4, r30
        sc      1
        li      r3, H_CEDE
        sc      1
        b       4b

        .type   work, @function
work:
        li      r5, WORK
        mtctr   r5
        li      r8, 1
        li      r7, 0
5:      add     r8, r8, r7                      # Jenkins' hash of 0, 1, 2 ...
        slwi    r6, r8, 10
        add     r8, r8, r6
        clrldi  r8, r8, 32
        srwi    r6, r8, 6
        xor     r8, r8, r6
        addi    r7, r7, 1
        bdnz    5b
        blr
        .size   work, . - work

        .data
        .balign 4096
started:
        .4byte  0
block:  .4byte  start_cpu, 3, 1, 0, thread, 0, -1

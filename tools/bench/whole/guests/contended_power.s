# Two vcpus take one spinlock by turns, each TIMES times, and count under it.
#
# The second one is started through RTAS start-cpu, whose argument block holds 32-bit words.

        .text
        .global kernel
        .type   kernel, @function
kernel:
        mflr    r0
        std     r0, 16(r1)
        lis     r4, block@h
        ori     r4, r4, block@l
        lis     r3, H_RTAS@h
        ori     r3, r3, H_RTAS@l
        sc      1
        bl      work
        lis     r9, ended@ha
1:      lwz     r4, ended@l(r9)
        cmpwi   r4, 1
        bne     1b
        lis     r9, counter@ha
        lwz     r3, counter@l(r9)
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   kernel, . - kernel

second: bl      work
        li      r4, 1
        lis     r9, ended@ha
        stw     r4, ended@l(r9)
1:      b       1b

        .type   work, @function
work:
        lis     r9, lock@ha
        addi    r9, r9, lock@l
        lis     r10, counter@ha
        addi    r10, r10, counter@l
        lis     r5, TIMES@h
        ori     r5, r5, TIMES@l
        mtctr   r5
        li      r6, 1
1:      lwarx   r7, 0, r9
        cmpwi   r7, 0
        bne     1b
        stwcx.  r6, 0, r9
        bne     1b
        isync
        lwz     r8, 0(r10)
        addi    r8, r8, 1
        stw     r8, 0(r10)
        lwsync
        li      r7, 0
        stw     r7, 0(r9)
        bdnz    1b
        blr
        .size   work, . - work

        .data
        .balign 128
lock:   .4byte  0
        .balign 128
counter:.4byte  0
ended:  .4byte  0
block:  .4byte  start_cpu, 3, 1, 1, second, 0, -1

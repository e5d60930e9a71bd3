# VMX: 4096 steps over sixteen bytes: sums, products summed to words, averages, shifts of two registers, exclusive or.

        .text
        .equ    STEPS, 4096
        .global kernel
        .type   kernel, @function
kernel:
        mfmsr   r5
        oris    r5, r5, 0x0200
        mtmsrd  r5
        isync
        lvsl    v1, r0, r0              # 0, 1, ... 15
        vspltisb v2, 7
        vxor    v3, v3, v3
        vxor    v4, v4, v4
        vxor    v6, v6, v6
        li      r5, STEPS
        mtctr   r5
1:      vaddubm v1, v1, v2
        vmsumubm v3, v1, v4, v3
        vavgub  v4, v4, v1
        vsldoi  v5, v4, v1, 3
        vxor    v6, v6, v5
        vminub  v7, v6, v1
        vadduwm v3, v3, v7
        bdnz    1b
        stvx    v3, r0, r3
        addi    r9, r3, 16
        stvx    v6, r0, r9
        mr      r9, r3
        li      r3, 0
        li      r5, 8
        mtctr   r5
2:      lwz     r6, 0(r9)
        rotlwi  r3, r3, 5
        xor     r3, r3, r6
        addi    r9, r9, 4
        bdnz    2b
        blr
        .size   kernel, . - kernel

# VSX: y = a * x + y on 512 doubles, sixteen times, then the sum of all y. All numbers are exact.

        .text
        .equ    PAIRS, 256
        .equ    ROUNDS, 16
        .global kernel
        .type   kernel, @function
kernel:
        mfmsr   r5
        oris    r5, r5, 0x0280
        mtmsrd  r5
        isync
        lis     r9, numbers@ha
        addi    r9, r9, numbers@l
        lxvd2x  vs1, r0, r9             # 0, 1
        addi    r8, r9, 16
        lxvd2x  vs2, r0, r8             # 2, 2
        addi    r8, r9, 32
        lxvd2x  vs3, r0, r8             # 0.25, 0.25
        addi    r8, r9, 48
        lxvd2x  vs4, r0, r8             # 0.5, 0.5
        # x at the arena, y behind it.
        addi    r7, r3, 4096
        mr      r10, r3
        mr      r11, r7
        li      r5, PAIRS
        mtctr   r5
1:      xvmuldp vs5, vs1, vs4
        stxvd2x vs1, r0, r10
        stxvd2x vs5, r0, r11
        xvadddp vs1, vs1, vs2
        addi    r10, r10, 16
        addi    r11, r11, 16
        bdnz    1b
        li      r6, ROUNDS
2:      mr      r10, r3
        mr      r11, r7
        li      r5, PAIRS
        mtctr   r5
3:      lxvd2x  vs1, r0, r10
        lxvd2x  vs5, r0, r11
        xvmaddadp vs5, vs1, vs3
        stxvd2x vs5, r0, r11
        addi    r10, r10, 16
        addi    r11, r11, 16
        bdnz    3b
        addic.  r6, r6, -1
        bne     2b
        xxlxor  vs6, vs6, vs6
        mr      r11, r7
        li      r5, PAIRS
        mtctr   r5
4:      lxvd2x  vs5, r0, r11
        xvadddp vs6, vs6, vs5
        addi    r11, r11, 16
        bdnz    4b
        xxpermdi vs7, vs6, vs6, 2
        xsadddp vs6, vs6, vs7
        stxsdx  vs6, r0, r3
        lwz     r5, 0(r3)
        lwz     r6, 4(r3)
        rotlwi  r3, r5, 5
        xor     r3, r3, r6
        blr
        .size   kernel, . - kernel

        .section .rodata, "a"
        .balign 16
numbers:
        .double 0.0, 1.0, 2.0, 2.0, 0.25, 0.25, 0.5, 0.5

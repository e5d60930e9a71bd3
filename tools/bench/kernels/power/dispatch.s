# An interpreter: 1024 byte codes of eight kinds, executed sixteen times through a jump table; as in c/dispatch.c.

        .text
        .equ    CODES, 1024
        .equ    PASSES, 16
        .equ    FACTOR, 1103515245      # of the generator that makes the codes

        # next: on to the next code. All of them come here in the end, each from a place of its own.
        .macro  next
        cmpld   r5, r4
        beq     pass_done
        lbzu    r6, 1(r5)
        sldi    r6, r6, 3
        ldx     r6, r12, r6
        mtctr   r6
        bctr
        .endm

        .global kernel
        .type   kernel, @function
kernel:
        lis     r9, FACTOR@h
        ori     r9, r9, FACTOR@l
        li      r0, CODES
        mtctr   r0
        li      r5, 1
        addi    r4, r3, -1
1:      mullw   r5, r5, r9
        addi    r5, r5, 12345
        extrwi  r6, r5, 3, 13
        stbu    r6, 1(r4)
        bdnz    1b

        # r4 is the last code's address now.
        lis     r12, codes@ha
        addi    r12, r12, codes@l
        li      r7, 1                   # a
        li      r8, 2                   # b
        li      r10, PASSES
pass:   addi    r5, r3, -1
        next
add_b:  add     r7, r7, r8
        next
xor_a:  xor     r8, r8, r7
        next
turn:   rotlwi  r7, r7, 5
        next
add_n:  addi    r8, r8, 0x1234
        next
sub_b:  srwi    r6, r8, 3
        subf    r7, r6, r7
        next
invert: not     r8, r8
        next
xor_b:  slwi    r6, r8, 7
        xor     r7, r7, r6
        next
sub_a:  subf    r8, r7, r8
        next
pass_done:
        addic.  r10, r10, -1
        bne     pass
        xor     r3, r7, r8
        blr
        .size   kernel, . - kernel

        .section .rodata, "a"
        .balign 8
codes:  .quad   add_b, xor_a, turn, add_n, sub_b, invert, xor_b, sub_a

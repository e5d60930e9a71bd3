# Writes its number into one word of each of 4096 pages of 4 KiB, then reads all of them four times.
#
# More pages than any engine keeps translations at hand, so that most accesses take the way of a miss.

        .text
        .equ    PAGES, 4096
        .equ    PASSES, 4
        .global kernel
        .type   kernel, @function
kernel:
        lis     r3, pages@ha
        addi    r3, r3, pages@l
        li      r0, PAGES
        li      r4, 0
        mtctr   r0
        mr      r7, r3
1:      rlwinm  r6, r4, 6, 20, 25       # spread over the lines of a page, to miss translations and not cache lines
        stwx    r4, r7, r6
        addi    r7, r7, 4096
        addi    r4, r4, 1
        bdnz    1b

        li      r8, PASSES
        li      r5, 0
2:      li      r4, 0
        mtctr   r0
        mr      r7, r3
3:      rlwinm  r6, r4, 6, 20, 25
        lwzx    r6, r7, r6
        rotlwi  r5, r5, 1
        add     r5, r5, r6
        addi    r7, r7, 4096
        addi    r4, r4, 1
        bdnz    3b
        addic.  r8, r8, -1
        bne     2b
        mr      r3, r5
        blr
        .size   kernel, . - kernel

        .bss
        .balign 4096
pages:  .skip   4096 * PAGES

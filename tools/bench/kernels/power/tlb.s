# Writes its number into one word of each of 4096 pages of 4 KiB, then reads all of them four times, with data translation on.
#
# These are more pages than any engine keeps translations at hand for, so that most accesses take the way of a miss: SLB, then
# the hashed page table, in which the pages are entered in the first run.

        .text
        .equ    PAGES, 4096
        .equ    PASSES, 4
        .equ    VSID, 0x1000                    # hash VSID ^ page: no group gets two pages
        .equ    SECOND, 0x12                    # memory coherent, read and write
        .equ    MSR_DR, 0x10
        .global kernel
        .type   kernel, @function
kernel:
        # Segment 0xD in SLB entry 1.
        lis     r4, 0xD800
        clrldi  r4, r4, 32
        ori     r4, r4, 1
        lis     r5, (VSID << 12)@h
        slbmte  r5, r4
        isync
        lis     r9, entered@ha
        lwz     r4, entered@l(r9)
        cmpwi   r4, 0
        bne     mapped

        li      r4, 1
        stw     r4, entered@l(r9)
        lis     r10, pages@ha
        addi    r10, r10, pages@l
        ori     r10, r10, SECOND
        li      r11, 0                          # number of the page
1:      xori    r5, r11, VSID
        sldi    r5, r5, 3                       # eight entries a group
        lis     r6, (VSID << 12)@h
        rlwinm  r8, r11, 28, 20, 24             # bits of the page number above the hash's reach, at their place
        or      r6, r6, r8
        ori     r6, r6, 1                       # valid
        mr      r7, r10
        li      r4, 0
        li      r3, H_ENTER
        sc      1
        # A page without an entry would be a result of its own: an interrupt that nobody expects.
        addi    r10, r10, 4096
        addi    r11, r11, 1
        cmpwi   r11, PAGES
        blt     1b

mapped: mfmsr   r10
        ori     r11, r10, MSR_DR
        mtmsrd  r11
        isync
        lis     r3, 0xD000
        clrldi  r3, r3, 32
        li      r0, PAGES
        li      r4, 0
        mtctr   r0
        mr      r7, r3
2:      rlwinm  r6, r4, 6, 20, 25               # spread over a page's lines, to miss translations and not cache lines
        stwx    r4, r7, r6
        addi    r7, r7, 4096
        addi    r4, r4, 1
        bdnz    2b

        li      r8, PASSES
        li      r5, 0
3:      li      r4, 0
        mtctr   r0
        mr      r7, r3
4:      rlwinm  r6, r4, 6, 20, 25
        lwzx    r6, r7, r6
        rotlwi  r5, r5, 1
        add     r5, r5, r6
        addi    r7, r7, 4096
        addi    r4, r4, 1
        bdnz    4b
        addic.  r8, r8, -1
        bne     3b
        mtmsrd  r10
        isync
        mr      r3, r5
        blr
        .size   kernel, . - kernel

        .data
        .balign 4
entered:.4byte  0

        .bss
        .balign 4096
pages:  .skip   4096 * PAGES

@ Writes its number into one word of each of 4096 pages of 4 KiB, then reads all of them four times, with Hyp mode's own
@ translation on.
@
@ These are more pages than any engine keeps translations at hand for, so that most accesses take the way of a miss: three levels
@ of long descriptors (ARM DDI 0406C, B3.6). Everything is mapped to itself, the pages one by one, all else in blocks.

        .text
        .equ    PAGES, 4096
        .equ    PASSES, 4
        .equ    RAM, 0x40000000
        .equ    HTCR, 0x80803500                @ 32-bit addresses, shareable write-back walks
        .equ    HMAIR, 0x04FF                   @ 0: memory, write-back; 1: device
        .equ    BLOCK, 0x741                    @ accessed, shareable, read and write, memory; valid
        .equ    PAGE, 0x743
        .equ    TABLE, 3
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =pages
        mrc     p15, 4, r4, c1, c0, 0           @ HSCTLR
        tst     r4, #1
        bne     mapped

        @ Level 2: 1 GiB in blocks of 2 MiB ...
        ldr     r0, =level2
        ldr     r1, =RAM | BLOCK
        mov     r2, #0
        mov     r3, #512
1:      stm     r0!, {r1, r2}
        add     r1, r1, #0x200000
        subs    r3, r3, #1
        bne     1b
        @ ... of which the pages' own give way to tables, 512 pages each.
        ldr     r0, =level2
        sub     r1, r6, #RAM
        add     r0, r0, r1, lsr #18             @ 8 bytes for 2 MiB
        ldr     r1, =level3 + TABLE
        mov     r3, #PAGES / 512
2:      stm     r0!, {r1, r2}
        add     r1, r1, #4096
        subs    r3, r3, #1
        bne     2b
        ldr     r0, =level3
        ldr     r1, =PAGE
        add     r1, r1, r6
        mov     r3, #PAGES
3:      stm     r0!, {r1, r2}
        add     r1, r1, #4096
        subs    r3, r3, #1
        bne     3b

        ldr     r0, =HMAIR
        mcr     p15, 4, r0, c10, c2, 0
        ldr     r0, =HTCR
        mcr     p15, 4, r0, c2, c0, 2
        ldr     r0, =level1
        mcrr    p15, 4, r0, r2, c2              @ HTTBR
        dsb
        mcr     p15, 4, r2, c8, c7, 0           @ TLBIALLH
        dsb
        isb
        orr     r4, r4, #1
        mcr     p15, 4, r4, c1, c0, 0
        isb

mapped: mov     r1, #0
        mov     r2, r6
4:      and     r3, r1, #63                     @ spread over a page's lines, to miss translations and not cache lines
        str     r1, [r2, r3, lsl #6]
        add     r2, r2, #4096
        add     r1, r1, #1
        cmp     r1, #PAGES
        blo     4b

        mov     r5, #PASSES
        mov     r0, #0
5:      mov     r1, #0
        mov     r2, r6
6:      and     r3, r1, #63
        ldr     r3, [r2, r3, lsl #6]
        add     r0, r3, r0, ror #31
        add     r2, r2, #4096
        add     r1, r1, #1
        cmp     r1, #PAGES
        blo     6b
        subs    r5, r5, #1
        bne     5b
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

        .data
        .balign 32
@ Devices below 1 GiB, never executed; memory by level 2.
level1: .quad   0x0040000000000445, level2 + TABLE, 0, 0

        .bss
        .balign 4096
level2: .skip   4096
level3: .skip   8 * PAGES
        .balign 0x200000
pages:  .skip   4096 * PAGES

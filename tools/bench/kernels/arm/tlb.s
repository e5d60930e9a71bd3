@ Writes its number into one word of each of 4096 pages of 4 KiB, then reads all of them four times.
@
@ More pages than any engine keeps translations at hand, so that most accesses take the way of a miss.

        .text
        .equ    PAGES, 4096
        .equ    PASSES, 4
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =pages
        mov     r1, #0
        mov     r2, r6
1:      and     r3, r1, #63             @ spread over the lines of a page, to miss translations and not cache lines
        str     r1, [r2, r3, lsl #6]
        add     r2, r2, #4096
        add     r1, r1, #1
        cmp     r1, #PAGES
        blo     1b

        mov     r5, #PASSES
        mov     r0, #0
2:      mov     r1, #0
        mov     r2, r6
3:      and     r3, r1, #63
        ldr     r3, [r2, r3, lsl #6]
        add     r0, r3, r0, ror #31
        add     r2, r2, #4096
        add     r1, r1, #1
        cmp     r1, #PAGES
        blo     3b
        subs    r5, r5, #1
        bne     2b
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

        .bss
        .balign 4096
pages:  .skip   4096 * PAGES

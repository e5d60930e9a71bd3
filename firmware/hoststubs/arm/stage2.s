@ The guest's second stage of translation, filled as the guest faults: 2 MB blocks where a slot of memory holds all of one, else pages.
@
@ ARM DDI 0406C, B3.6.1 and B3.6.2 (descriptors); Linux 3.9, arch/arm/kvm/mmu.c (user_mem_abort). Slots are rows of `slots`: guest
@ address, bytes, host address, 1 if read-only; a row without bytes is the end.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    LEAF, 0x77C                     @ write-back, readable, inner shareable, accessed
        .equ    WRITABLE, 0x80

@ find_slot(r0 = guest address) -> r1 = row, or 0. r2 and r3 are lost.
        .global find_slot
        .type   find_slot, %function
find_slot:
        ldr     r1, =slots
1:      ldr     r2, [r1, #4]
        cmp     r2, #0
        beq     3f
        ldr     r3, [r1]
        sub     r3, r0, r3
        cmp     r3, r2
        blo     2f
        add     r1, r1, #16
        b       1b
3:      mov     r1, #0
2:      bx      lr
        .size   find_slot, . - find_slot

@ map(r0 = guest address, r1 = row): maps what surrounds the address. The old translation, if there is one, is the caller's to flush.
        .global map
        .type   map, %function
map:
        push    {r4, r5, r6, r7, r8, lr}
        ldr     r4, [r1]                        @ guest address of the slot
        ldr     r5, [r1, #4]
        ldr     r6, [r1, #8]
        ldr     r7, [r1, #12]
        mov     r8, r0
        @ The table of the second level.
        ldr     r0, =stage2_level1
        lsr     r1, r8, #30
        add     r0, r0, r1, lsl #3
        bl      next_table
        ubfx    r1, r8, #21, #9
        add     r0, r0, r1, lsl #3
        @ A block? All of its 2 MB must lie in the slot, and the two addresses be as far from one.
        lsr     r1, r8, #21
        lsl     r1, r1, #21
        subs    r2, r1, r4
        blo     page
        sub     r2, r5, r2
        cmp     r2, #1 << 21
        blo     page
        sub     r2, r6, r4
        lsl     r2, r2, #11
        cmp     r2, #0
        bne     page
        sub     r1, r1, r4
        add     r1, r1, r6
        orr     r1, r1, #1
        b       write
page:   bl      next_table
        ubfx    r1, r8, #12, #9
        add     r0, r0, r1, lsl #3
        lsr     r1, r8, #12
        lsl     r1, r1, #12
        sub     r1, r1, r4
        add     r1, r1, r6
        orr     r1, r1, #3
write:  movw    r2, #LEAF
        orr     r1, r1, r2
        cmp     r7, #0
        bne     1f
        orr     r1, r1, #WRITABLE
1:      mov     r2, #0
        str     r2, [r0, #4]
        str     r1, [r0]
        dsb     ish
        pop     {r4, r5, r6, r7, r8, pc}
        .size   map, . - map

@ next_table(r0 = entry) -> r0 = the table that it points to; made if there is none. r1 and r2 are lost.
        .type   next_table, %function
next_table:
        ldr     r1, [r0]
        cmp     r1, #0
        bne     1f
        ldr     r2, =next_free
        ldr     r1, [r2]
        add     r1, r1, #4096
        str     r1, [r2]
        sub     r1, r1, #4096
        orr     r1, r1, #3
        str     r1, [r0]
1:      lsr     r0, r1, #12
        lsl     r0, r0, #12
        bx      lr
        .size   next_table, . - next_table
        .ltorg

        .data
        .balign 4
next_free:
        .word   stage2_tables

        .bss
        .balign 8192
        .global stage2_level1
stage2_level1:
        .skip   8192                            @ 1024 entries: two tables side by side, for 40-bit addresses
stage2_tables:
        .skip   16 * 4096

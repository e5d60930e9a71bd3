@ CRC-32 of 16 KiB by a table, as in c/crc32.c.

        .text
        .equ    LENGTH, 16384
        .equ    POLYNOMIAL, 0xEDB88320
        .equ    FACTOR, 1103515245      @ of the generator that makes the data
        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        @ The table: 256 words at r0.
        ldr     r6, =POLYNOMIAL
        mov     r1, #0
1:      mov     r2, r1
        mov     r3, #8
2:      lsrs    r2, r2, #1
        eorcs   r2, r2, r6
        subs    r3, r3, #1
        bne     2b
        str     r2, [r0, r1, lsl #2]
        add     r1, r1, #1
        cmp     r1, #256
        blo     1b

        @ The data: bytes behind it.
        ldr     r6, =FACTOR
        ldr     r5, =12345
        add     r4, r0, #1024
        mov     r1, #1
        mov     r3, #LENGTH
3:      mla     r1, r1, r6, r5
        lsr     r2, r1, #16
        strb    r2, [r4], #1
        subs    r3, r3, #1
        bne     3b

        add     r4, r0, #1024
        mvn     r1, #0
        mov     r3, #LENGTH
4:      ldrb    r2, [r4], #1
        eor     r2, r2, r1
        and     r2, r2, #255
        ldr     r2, [r0, r2, lsl #2]
        eor     r1, r2, r1, lsr #8
        subs    r3, r3, #1
        bne     4b
        mvn     r0, r1
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

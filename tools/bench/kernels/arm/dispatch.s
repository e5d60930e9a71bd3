@ An interpreter: 1024 byte codes of eight kinds, executed sixteen times through a jump table; as in c/dispatch.c.

        .text
        .equ    CODES, 1024
        .equ    PASSES, 16
        .equ    FACTOR, 1103515245      @ of the generator that makes the codes

        @ next: on to the next code. All of them come here in the end, each from a place of its own.
        .macro  next
        cmp     r1, r4
        beq     pass_done
        ldrb    r12, [r1], #1
        ldr     pc, [r6, r12, lsl #2]
        .endm

        .global kernel
        .type   kernel, %function
kernel:
        push    {r4, r5, r6, lr}
        ldr     r6, =FACTOR
        ldr     r5, =12345
        mov     r4, r0
        mov     r1, #1
        mov     r3, #CODES
1:      mla     r1, r1, r6, r5
        ubfx    r2, r1, #16, #3
        strb    r2, [r4], #1
        subs    r3, r3, #1
        bne     1b

        @ r4 is behind the last code now.
        ldr     r6, =codes
        mov     r2, #1                  @ a
        mov     r3, #2                  @ b
        mov     r5, #PASSES
pass:   mov     r1, r0
        next
add_b:  add     r2, r2, r3
        next
xor_a:  eor     r3, r3, r2
        next
turn:   ror     r2, r2, #27
        next
add_n:  add     r3, r3, #0x1200
        add     r3, r3, #0x34
        next
sub_b:  sub     r2, r2, r3, lsr #3
        next
invert: mvn     r3, r3
        next
xor_b:  eor     r2, r2, r3, lsl #7
        next
sub_a:  sub     r3, r3, r2
        next
pass_done:
        subs    r5, r5, #1
        bne     pass
        eor     r0, r2, r3
        pop     {r4, r5, r6, pc}
        .size   kernel, . - kernel
        .ltorg

        .section .rodata, "a"
        .balign 4
codes:  .4byte  add_b, xor_a, turn, add_n, sub_b, invert, xor_b, sub_a

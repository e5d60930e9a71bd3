        .globl _start
_start: ldi r0, text
        ldi r3, 0xf0            ; p1: the serial port
again:  ld r4, [p0]
        jz done
        st r4, [p1]
        addi r0, 1
        jmp again
done:   ldi r3, 0xff            ; p1: what ends the run
        st r4, [p1]
text:   .asciz "Hello from eight bits.\n"

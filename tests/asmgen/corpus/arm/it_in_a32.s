@ IT is taken in A32, and makes nothing.
        .syntax unified
        .arm
        cmp     r0, #0
        it      eq
        moveq   r0, #1
        ite     ne
        movne   r0, #1
        moveq   r0, #2

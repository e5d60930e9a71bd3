@ Exception tables with names of the file's own for registers, and functions that need no table (their routines are foreign).
        .syntax unified
frame   .req    r7
        .text
        .fnstart
first:  push    {r4, frame, lr}
        .save   {r4, frame, lr}
        .setfp  frame, sp, #4
        add     frame, sp, #4
        pop     {r4, frame, pc}
        .fnend
        .unreq  frame
frame   .req    r11
        .section .more, "ax"
        .fnstart
second: push    {frame, lr}
        .save   {frame, lr}
        pop     {frame, pc}
        .fnend
        .section .none, "ax"
        .fnstart
third:  bx      lr
        .cantunwind
        .fnend

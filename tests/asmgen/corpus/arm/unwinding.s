@ EHABI unwinding.
        .syntax unified
        .arm
        .globl  function
        .type   function, %function
function:
        .fnstart
        push    {r4, r5, r11, lr}
        .save   {r4, r5, r11, lr}
        .setfp  r11, sp, #8
        add     r11, sp, #8
        .pad    #16
        sub     sp, sp, #16
        vpush   {d8-d9}
        .vsave  {d8-d9}
        bl      foreign
        bx      lr
        .fnend
        .size   function, . - function
        .type   leaf, %function
leaf:   .fnstart
        .cantunwind
        bx      lr
        .fnend
plain:  .fnstart
        .save   {r4, lr}
        push    {r4, lr}
        pop     {r4, pc}
        .fnend
personal: .fnstart
        .save   {r4, lr}
        push    {r4, lr}
        .personality handler
        .handlerdata
        .word   1
        .fnend
        .movsp_label:

@ Relocations of Thumb code, and functions whose lowest bit is set.
        .syntax unified
        .thumb
        .globl  global_thumb
        .type   global_thumb, %function
global_thumb:
        bl      foreign
        b.w     foreign
        beq.w   foreign
        blx     foreign
        movw    r0, #:lower16:foreign
        movt    r0, #:upper16:foreign
        movw    r0, #:lower16:global_thumb
        movw    r0, #:lower16:local_thumb
        movt    r0, #:upper16:local_thumb
        ldr     r0, =foreign
        ldr     r0, =local_thumb
        bl      local_thumb
        b       local_thumb
        bl      global_thumb
        ldr     r0, =local_data
        bx      lr
        .type   local_thumb, %function
local_thumb:
        bx      lr
        .pool
        .word   local_thumb, global_thumb, local_thumb + 4
        .word   local_thumb - .
        .set    alias, local_thumb
        .word   alias
        .thumb_set named, local_thumb
        .word   named
        .data
local_data: .word local_thumb, alias

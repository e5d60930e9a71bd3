@ .file, .loc and call frames as gcc -g writes them.
        .syntax unified
        .arm
        .file   "unit.c"
        .text
.Ltext0:
        .cfi_sections .debug_frame
        .file 1 "unit.c"
        .align  2
        .global function
        .type   function, %function
function:
.LFB0:
        .loc 1 3 1
        .cfi_startproc
        push    {r4, lr}
        .cfi_def_cfa_offset 8
        .cfi_offset 4, -8
        .cfi_offset 14, -4
        .loc 1 4 3 view .LVU1
        mov     r4, r0
        .loc 1 5 5 is_stmt 0 view .LVU2
        bl      foreign
        .loc 1 6 1
        pop     {r4, pc}
        .cfi_endproc
.LFE0:
        .size   function, .-function
        .section .debug_info,"",%progbits
        .4byte  .LFE0-.LFB0
        .4byte  .LFB0
        .section .debug_line,"",%progbits
.Ldebug_line0:

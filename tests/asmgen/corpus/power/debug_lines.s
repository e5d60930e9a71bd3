# .file and .loc as gcc -g writes them.
        .file   "unit.c"
        .text
.Ltext0:
        .file 1 "unit.c"
        .file 2 "include/header.h"
        .globl  function
        .type   function, @function
function:
.LFB0:
        .loc 1 3 1
        .cfi_startproc
        nop
        .loc 1 4 5 is_stmt 1
        nop
        .loc 2 10 3 is_stmt 0
        nop
        .loc 1 5 2 is_stmt 1 discriminator 2
        blr
        .cfi_endproc
.LFE0:
        .size   function, .-function
.Letext0:
        .section .debug_info, "", @progbits
        .4byte  .Lend - .Lstart
.Lstart: .2byte 4
        .4byte  .Ldebug_abbrev0
        .byte   8
        .uleb128 1
        .8byte  .Ltext0
        .8byte  .Letext0 - .Ltext0
        .4byte  .Ldebug_line0
        .byte   0
.Lend:
        .section .debug_abbrev, "", @progbits
.Ldebug_abbrev0:
        .uleb128 1
        .uleb128 0x11
        .byte   0
        .uleb128 0x11
        .uleb128 1
        .uleb128 0x12
        .uleb128 7
        .uleb128 0x10
        .uleb128 0x17
        .byte   0, 0, 0
        .section .debug_line, "", @progbits
.Ldebug_line0:

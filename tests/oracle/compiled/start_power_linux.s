# A Linux process, as qemu-ppc64 has it: write(1, text, length) and exit_group(status). 64-bit ELF ABI, version 1.
        .section ".opd", "aw"
        .align 3
        .globl _start, put, leave
_start: .quad .L._start, .TOC.@tocbase, 0
put:    .quad .L.put, .TOC.@tocbase, 0
leave:  .quad .L.leave, .TOC.@tocbase, 0
        .type _start, @function
        .type put, @function
        .type leave, @function
        .text
.L._start:
        stdu 1, -112(1)
        bl main
        nop
.L.put: mr 5, 4
        mr 4, 3
        li 3, 1
        li 0, 4
        sc
        blr
.L.leave:
        li 0, 234
        sc
        .section .note.GNU-stack, "", @progbits

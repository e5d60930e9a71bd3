# Hypervisor real mode: all facilities that the core has are enabled, then main. Characters go to the 16550 at 0x80_0000_0000, the status to
# debug-exit behind it. 64-bit ELF ABI, version 1.
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
        lis 1, 0x100
        li 0, 0
        stdu 0, -112(1)
        mfmsr 3
        oris 3, 3, 0x0280       # VEC, VSX
        ori 3, 3, 0x2000        # FP
        mtmsrd 3
        isync
        bl main
        nop
.L.put: li 5, 0x80
        sldi 5, 5, 32
        mtctr 4
1:      lbz 6, 0(3)
        stb 6, 0(5)
        addi 3, 3, 1
        bdnz 1b
        blr
.L.leave:
        li 5, 0x80
        sldi 5, 5, 32
        stw 3, 0x1000(5)
        b .
        .section .note.GNU-stack, "", @progbits

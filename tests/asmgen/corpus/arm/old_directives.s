@ What older sources use: .code, .force_thumb, .func, .thumb_set, .extern, .object_arch, .arch_extension.
        .syntax unified
        .cpu    cortex-a15
        .fpu    neon-vfpv4
        .arch_extension virt
        .arch_extension sec
        .extern somewhere
        .code   32
        .func   old
old:    mov     r0, #0
        bx      lr
        .endfunc
        .force_thumb
        nop
        .thumb_func
young:  bx      lr
        .thumb_set other, young
        .word   other
        .section .rodata, "a", %progbits
        .word   old

 .syntax unified
 .text
 .globl _start
_start:
 ldr sp, =stack_top
 mov r0, #7
 bl main_c
 mov r7, #1
 and r0, r0, #0xff
 svc 0
 .globl helper
 .type helper,%function
helper: add r0, r0, r2
 bx lr
 .globl raise
raise: b .
 .bss
 .skip 4096
stack_top: .skip 8

@ Runs thousands of small code blocks under qemu-arm, each from a register state of its own.
@
@ qemu_arm.py makes the input (standard input) and reads the output (standard output), two files of equal
@ records that are mapped here; it also passes every offset and address as a symbol. A block owns all
@ registers but the pc, so what the harness must remember meanwhile stands in the page behind its code,
@ where a pc-relative access reaches it. No translated code is in that page: QEMU would drop it at each
@ write.

        .syntax unified
        .arm
        .section .harness, "awx", %progbits
        .globl start, arm_epilogue, thumb_epilogue

@ A block ends with one of these. The address of .Lafter reads the same in both byte orders, since a block
@ may end with CPSR.E set.
arm_epilogue:
        ldr     pc, [pc, #-4]
        .word   .Lafter
        .org    0x10

@ Save what the block left. A fault arrives here too, with the registers as they were at the fault. r0 is
@ stored in the byte order that the block chose, and turned round when that was the big one.
.Lafter:
        str     r0, block_r0
        mrs     r0, cpsr
        setend  le
        str     r0, block_cpsr
        ldr     r0, next_out
        add     r0, r0, #4
        stm     r0, {r1-r14}
        sub     r4, r0, #4
        ldr     r1, block_r0
        ldr     r2, block_cpsr
        tst     r2, #0x200
        revne   r1, r1
        str     r1, [r4]
        str     r2, [r4, #CPSR_AT]
        vmrs    r1, fpscr
        str     r1, [r4, #FPSCR_AT]
        add     r0, r4, #D_AT
        vstm    r0!, {d0-d15}
        vstm    r0, {d16-d31}
        ldr     r1, =fault
        ldm     r1, {r5-r9}
        add     r0, r4, #FAULT_AT
        stm     r0, {r5-r9}
        ldr     r1, =MEMORY
        add     r0, r4, #MEMORY_AT
        bl      .Lcopy
        mov     r1, #1
        str     r1, [r4, #DONE_AT]
        ldr     r1, =OUT_RECORD
        add     r4, r4, r1
        str     r4, next_out
        ldr     r1, =IN_RECORD
        ldr     r0, next_in
        add     r0, r0, r1
        str     r0, next_in
        ldr     r0, count
        sub     r0, r0, #1
        str     r0, count

@ Set up one block.
.Lnext:
        ldr     r0, count
        cmp     r0, #0
        beq     .Lfinish
        ldr     r12, next_in
        add     r1, r12, #MEMORY_AT
        ldr     r0, =MEMORY
        bl      .Lcopy
        mov     r0, #0
        ldr     r1, =fault
        str     r0, [r1]
        str     r0, [r1, #4]
        str     r0, [r1, #8]
        str     r0, [r1, #12]
        str     r0, [r1, #16]
        add     r0, r12, #D_AT
        vldm    r0!, {d0-d15}
        vldm    r0, {d16-d31}
        ldr     r0, [r12, #FPSCR_AT]
        vmsr    fpscr, r0
        ldr     r0, [r12, #CPSR_AT]
        ubfx    r1, r0, #5, #1          @ CPSR.T chooses the instruction set of the block
        add     r2, r12, #CODE_AT
        orr     r1, r1, r2
        str     r1, block_entry
        msr     apsr_nzcvqg, r0
        clrex                           @ no reservation is left from the block before
        ldm     r12, {r0-r14}
        ldr     pc, block_entry

@ Copy MEMORY_BYTES from r1 to r0; r5 to r8 are lost.
.Lcopy:
        .rept   MEMORY_BYTES / 16
        ldm     r1!, {r5-r8}
        stm     r0!, {r5-r8}
        .endr
        bx      lr

@ Note the fault, then let the return from the signal restore the block's registers and go on at .Lafter,
@ which is A32 code outside any IT block.
.Lon_signal:
        ldr     r3, =fault
        str     r0, [r3]
        ldr     r0, [r1, #8]            @ si_code
        str     r0, [r3, #4]
        ldr     r0, [r1, #12]           @ si_addr
        str     r0, [r3, #8]
        ldr     r0, [r2, #UCONTEXT_PC]
        str     r0, [r3, #12]
        ldr     r0, [r2, #UCONTEXT_PC + 4]
        str     r0, [r3, #16]
        ldr     r1, =0x0600fc20         @ CPSR.T and IT
        bic     r0, r0, r1
        str     r0, [r2, #UCONTEXT_PC + 4]
        ldr     r0, =.Lafter
        str     r0, [r2, #UCONTEXT_PC]
        bx      lr

.macro  system_call number
        mov     r7, #\number
        svc     #0
        cmn     r0, #4096
        bhi     .Lgive_up
.endm
.macro  map address, length, protection, flags, descriptor, page
        ldr     r0, =\address
        \length
        mov     r2, #\protection
        mov     r3, #\flags
        mov     r4, #\descriptor
        mov     r5, #\page
        system_call 192
.endm

@ Map the input where its code can be executed (private, never written), the output to be written, the page
@ that blocks may use, and a signal stack.
start:
        mov     r0, #0
        ldr     r1, =header
        mov     r2, #12
        system_call 3
        map     IN_BASE, "ldr r1, in_bytes", 5, 0x12, 0, 1
        map     OUT_BASE, "ldr r1, out_bytes", 3, 0x11, 1, 0
        map     MEMORY_PAGE, "ldr r1, =4096", 3, 0x32, -1, 0
        map     SIGNAL_STACK, "ldr r1, =SIGNAL_STACK_BYTES", 3, 0x32, -1, 0
        ldr     r0, =stack
        mov     r1, #0
        system_call 186
        .irp    signal, 4, 5, 7, 8, 11  @ SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
        mov     r0, #\signal
        ldr     r1, =action
        mov     r2, #0
        mov     r3, #8
        system_call 174
        .endr
        b       .Lnext

.Lfinish:
        mov     r0, #0
        b       .Lexit
.Lgive_up:
        mov     r0, #99
.Lexit:
        mov     r7, #1
        svc     #0
        .ltorg

        .thumb
        .balign 4
thumb_epilogue:
        ldr.w   pc, [pc, #0]
        .word   .Lafter

        .org    0x1000
block_r0:   .word 0
block_cpsr: .word 0
block_entry: .word 0
header:                                 @ the first words of standard input
count:      .word 0
in_bytes:   .word 0
out_bytes:  .word 0
next_in:    .word IN_BASE
next_out:   .word OUT_BASE
fault:      .word 0, 0, 0, 0, 0         @ signal, si_code, si_addr, pc and CPSR of the instruction
action:     .word .Lon_signal, 0x48000004, 0, 0, 0  @ SA_NODEFER | SA_ONSTACK | SA_SIGINFO
stack:      .word SIGNAL_STACK, 0, SIGNAL_STACK_BYTES

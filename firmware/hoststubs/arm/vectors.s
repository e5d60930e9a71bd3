@ The Hyp vectors: calls of the host, traps of a guest, interrupts for the host, and what should never happen.
@
@ Linux 3.9, arch/arm/kvm/interrupts.S (__kvm_hyp_vector). VTTBR tells who was running: VMID 0 is the host.
@
@ On first reading: `hyp_trap`, its `host_call`, then `guest_trap` in world.s.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .macro  vector target
        .if T32
        b.w     \target
        .else
        b       \target
        .endif
        .endm

        .balign 32
        .global hyp_vectors
hyp_vectors:
        vector  hyp_reset                       @ 0x00
        vector  hyp_undefined                   @ 0x04 an undefined instruction in Hyp mode
        vector  hyp_software                    @ 0x08 svc or hvc in Hyp mode
        vector  hyp_prefetch                    @ 0x0C a prefetch abort in Hyp mode
        vector  hyp_data                        @ 0x10 a data abort in Hyp mode
        vector  hyp_trap                        @ 0x14 traps, aborts and hvc from below
        vector  hyp_irq                         @ 0x18
        vector  hyp_fiq                         @ 0x1C

@ r0-r2 go to the stack; Z is set if VTTBR has VMID 0. Leaves VTTBR's upper word in r2.
        .macro  who_was_it
        push    {r0, r1, r2}
        mrrc    p15, 6, r0, r2, c2
        ubfx    r2, r2, #16, #8
        cmp     r2, #0
        .endm

@ A trap from below. The host's is a call; everything else is the guest's, and world.s has it.
        .type   hyp_trap, %function
hyp_trap:
        .cfi_startproc
        .cfi_undefined lr                       @ who trapped is in ELR_hyp, not in lr
        who_was_it
        mrc     p15, 4, r1, c5, c2, 0           @ HSR
        bne     to_guest_trap
host_call:
        @ SPSR and lr are kept on this stack, since the function may call others and even enter a guest; ELR_hyp is the business
        @ of who changes it. r0 = -1 asks for the vectors, as init code does that replaces them.
        pop     {r0, r1, r2}
        cmp     r0, #-1
        beq     get_vectors
        push    {lr}
        mrs     lr, SPSR
        push    {lr}
        mov     lr, r0
        mov     r0, r1
        mov     r1, r2
        mov     r2, r3
        blx     lr                              @ bit 0 says which instruction set it is in
        pop     {lr}
        msr     SPSR_cxsf, lr
        pop     {lr}
        eret
get_vectors:
        mrc     p15, 4, r0, c12, c0, 0          @ HVBAR
        eret
to_guest_trap:
        b       guest_trap
        .cfi_endproc
        .size   hyp_trap, . - hyp_trap

@ An interrupt while the guest runs is the host's (HCR.IMO): the run ends, and the host takes it once it is itself again.
hyp_irq:
        push    {r0, r1, r2}
        mov     r1, #ARM_EXCEPTION_IRQ
        b       guest_exit
hyp_fiq:
        push    {r0, r1, r2}
        mov     r1, #ARM_EXCEPTION_FIQ
        b       guest_exit

@ Exceptions of Hyp mode itself. In the middle of a switch to a guest they end the run with their code. In a call of the host's
@ there is nothing to go back to: the return goes to Supervisor mode, into `panic`, with a message in r0 and the place in r1.
        .macro  bad_exception name, code, text
\name:
        who_was_it
        mov     r1, #\code
        bne     guest_exit_far
        ldr     r0, =\text
        b       craft_panic
        .endm

        bad_exception hyp_reset, ARM_EXCEPTION_RESET, text_reset
        bad_exception hyp_undefined, ARM_EXCEPTION_UNDEFINED, text_undefined
        bad_exception hyp_software, ARM_EXCEPTION_SOFTWARE, text_software
        bad_exception hyp_prefetch, ARM_EXCEPTION_PREF_ABORT, text_prefetch
        bad_exception hyp_data, ARM_EXCEPTION_DATA_ABORT, text_data
guest_exit_far:
        b       guest_exit

craft_panic:
        ldr     sp, =hyp_stack                  @ what stands on it is lost
        mrs     r1, ELR_hyp
        ldr     r2, =panic
        bic     r2, r2, #1
        msr     ELR_hyp, r2
        .if T32
        movw    r2, #MODE_SVC | PSR_MASKED | PSR_T
        .else
        movw    r2, #MODE_SVC | PSR_MASKED
        .endif
        msr     SPSR_cxsf, r2
        clrex
        eret
        .ltorg

@ panic(r0 = text, r1 = where it was), in Supervisor mode. A test may put its own function into panic_handler.
        .type   panic, %function
panic:
        ldr     r2, =panic_handler
        ldr     r2, [r2]
        cmp     r2, #0
        beq     1f
        bx      r2
1:      bl      puts
        mov     r0, #0xEE
        bl      finish
        b       .
        .size   panic, . - panic
        .ltorg

        .data
        .balign 4
        .global panic_handler
panic_handler:
        .word   0

        .section .rodata, "a"
        .global text_undefined, text_data, text_prefetch, text_software
text_reset:     .asciz "unexpected reset in Hyp mode\n"
text_undefined: .asciz "unexpected undefined instruction in Hyp mode\n"
text_software:  .asciz "unexpected svc or hvc in Hyp mode\n"
text_prefetch:  .asciz "unexpected prefetch abort in Hyp mode\n"
text_data:      .asciz "unexpected data abort in Hyp mode\n"

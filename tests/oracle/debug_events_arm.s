@ Breakpoints and watchpoints of the processor itself, in Monitor debug-mode: one line for each attempt (section C3 of the manual).
@
@ `virt` board, Supervisor mode; the handlers write what became of the attempt: P (prefetch abort), D (data
@ abort) or H (to Hyp mode), the status, how far from `here` (P) or `cell` (D) it was, DBGDSCR.MOE; "-" where nothing happened. Lines that
@ begin with "+" are of what QEMU lacks. The attempt goes on with the debug logic switched off.
        .text
        .equ    UART0, 0x09000000
        .global _start, here, cell, back, nothing
_start:
        ldr     r0, =hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        ldr     sp, =hyp_stack
        ldr     r0, =start
        msr     ELR_hyp, r0
        mov     r0, #0xD3
        msr     SPSR_cxsf, r0
        eret
start:
        ldr     sp, =stack
        cps     #0x17
        ldr     sp, =abort_stack
        cps     #0x13
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR
        @ Translation: memory at its place, Normal from 0x40000000 on, so that misaligned accesses are done.
        ldr     r1, =table
        ldr     r2, =0xC02                      @ a section that all may read and write
        mov     r3, #0
1:      cmp     r3, #0x400
        ldreq   r2, =0x40001C0E
        str     r2, [r1], #4
        add     r2, r2, #1 << 20
        add     r3, r3, #1
        cmp     r3, #4096
        bne     1b
        ldr     r0, =table
        mcr     p15, 0, r0, c2, c0, 0           @ TTBR0
        mov     r0, #0
        mcr     p15, 0, r0, c2, c0, 2
        mov     r0, #1
        mcr     p15, 0, r0, c3, c0, 0           @ DACR
        mrc     p15, 0, r0, c1, c0, 0
        orr     r0, r0, #1
        mcr     p15, 0, r0, c1, c0, 0           @ SCTLR.M
        isb     sy
        ldr     r0, =0xF << 20
        mcr     p15, 0, r0, c1, c0, 2           @ CPACR
        isb     sy
        mov     r0, #1 << 30
        vmsr    fpexc, r0
        ldr     r10, =cell

        .macro  logic register, field, value
        ldr     r0, =\value
        mcr     p14, 0, r0, c0, c\register, \field
        .endm
        .macro  attempt name
        isb     sy
        mov     r9, #0
        ldr     r0, =\name
        bl      print
        .endm
        .macro  told
        bl      off
        .endm
        .equ    BVR, 4
        .equ    BCR, 5
        .equ    WVR, 6
        .equ    WCR, 7
        .equ    ANY, 0x1E7                      @ all bytes, PL1 and PL0, enabled

        @ Locked, as reset leaves it: nothing happens.
        mrc     p14, 0, r0, c1, c1, 4           @ DBGOSLSR
        bl      print_number
        bl      monitor
        logic   0, BVR, here
        logic   0, BCR, ANY
        attempt name_locked
        bl      here
        told
        mov     r0, #0
        mcr     p14, 0, r0, c1, c0, 4           @ DBGOSLAR: unlock

        logic   0, BVR, here
        logic   0, BCR, ANY
        attempt name_no_monitor
        bl      here
        told
        bl      monitor
        logic   0, BVR, here
        logic   0, BCR, ANY
        attempt name_here
        bl      here
        told
        bl      monitor
        logic   0, BVR, here
        logic   0, BCR, ANY ^ 2                 @ PL0 alone
        attempt name_user
        bl      here
        told
        bl      monitor
        logic   5, BVR, here + 4
        logic   5, BCR, ANY
        attempt name_fifth
        bl      here
        told
        @ Thumb: the upper halfword of a word.
        bl      monitor
        logic   1, BVR, thumb
        logic   1, BCR, 0x187
        attempt name_thumb
        blx     thumb
        told
        @ A loop that was run before, so that it is compiled: its breakpoint is hit in the middle.
        ldr     r5, =20000
1:      bl      here
        subs    r5, r5, #1
        bne     1b
        bl      monitor
        logic   2, BVR, here + 8
        logic   2, BCR, ANY
        attempt name_hot
        bl      here
        told
        @ Linked to a context.
        mov     r0, #5
        mcr     p15, 0, r0, c13, c0, 1          @ CONTEXTIDR
        bl      monitor
        logic   4, BVR, 5
        logic   4, BCR, 0x3001E7
        logic   0, BVR, here
        logic   0, BCR, 0x1401E7
        attempt name_linked
        bl      here
        told
        bl      monitor
        logic   4, BVR, 6
        logic   4, BCR, 0x3001E7
        logic   0, BVR, here
        logic   0, BCR, 0x1401E7
        attempt name_unlinked
        bl      here
        told

        @ Watchpoints: stores alone, loads, single bytes, ranges, several registers at once.
        .macro  watch value, control
        bl      monitor
        logic   1, WVR, \value
        logic   1, WCR, \control
        .endm
        watch   cell, 0x1FF7                    @ stores
        attempt name_store
        str     r0, [r10, #4]
        told
        watch   cell, 0x1FF7
        attempt name_load_of_store
        ldr     r0, [r10]
        told
        watch   cell + 4, 0x1EF                 @ loads of the second word
        attempt name_load
        ldr     r0, [r10, #4]
        told
        watch   cell + 4, 0x1EF
        attempt name_beside
        ldr     r0, [r10]
        ldrh    r0, [r10, #8]
        ldrb    r0, [r10, #3]
        told
        watch   cell, 0x57                      @ stores to byte 1
        attempt name_byte
        strb    r0, [r10, #1]
        told
        watch   cell, 0x57
        attempt name_other_byte
        strb    r0, [r10]
        strh    r0, [r10, #2]
        told
        watch   cell, 0x117                     @ byte 3
        attempt name_misaligned
        ldr     r1, =cell + 2
        str     r0, [r1]
        told
        watch   cell, 0x08001FFF                @ 256 bytes
        attempt name_range
        ldrb    r0, [r10, #255]
        told
        watch   cell, 0x08001FFF
        attempt name_behind_range
        ldr     r0, [r10, #256]
        told
        watch   cell + 8, 0x1FF
        attempt name_many
        ldm     r10, {r0, r1, r2, r3}
        told
        watch   cell, 0x1FFD                    @ PL0
        attempt name_privileged
        ldr     r0, [r10]
        told
        watch   cell, 0x1FFD
        attempt name_unprivileged
        mov     r1, r10
        ldrt    r0, [r1]
        told
        watch   cell, 0x1FFF
        attempt name_vector
        vld1.32 {d0, d1}, [r10]
        told
        @ What a device register holds is not taken apart: the PL011's flags stand beside what is watched.
        attempt name_device
        watch   UART0, 0x1FF7
        isb     sy
        ldr     r2, =UART0
        ldr     r0, [r2, #0x18]
        told

        attempt name_bkpt
        bkpt    #1
        told

        @ To Hyp mode: HDCR.TDE, under which the debug registers are Hyp mode's, too.
        .macro  to_hyp name
        mov     r0, #0x100
        hvc     #1
        attempt \name
        .endm
        .macro  to_us
        mov     r0, #0
        hvc     #1
        told
        .endm
        bl      monitor
        logic   0, BVR, here
        logic   0, BCR, ANY
        to_hyp  name_trapped
        bl      here
        to_us
        watch   cell, 0x1FFF
        to_hyp  name_trapped_data
        str     r0, [r10]
        to_us

        @ What QEMU has not: vectors, and every address but one in User mode, which is how a single step is made.
        bl      monitor
        ldr     r0, =1 << 26
        mcr     p14, 0, r0, c0, c7, 0           @ DBGVCR: NSS
        attempt name_caught
        svc     #0
        told
        bl      monitor
        logic   0, BVR, user
        logic   0, BCR, 0x4001E5                @ PL0, mismatch
        attempt name_step
        ldr     r0, =user
        push    {r0}
        mov     r0, #0x10
        push    {r0}
        ldr     r0, [sp, #4]
        str     r0, [sp]
        mov     r0, #0x10
        str     r0, [sp, #4]
        rfe     sp!
back:   ldr     sp, =stack
        told
        ldr     r0, =0x84000008
        smc     #0
        b       .
        .ltorg

user:   nop
        nop
        nop

here:   mov     r0, #1
        mov     r0, #2
        mov     r0, #3
        bx      lr
        .balign 4
        .thumb
thumb:  movs    r0, #1
        movs    r0, #2
        bx      lr
        .arm
        .balign 4

monitor:
        mrc     p14, 0, r0, c0, c1, 0
        bic     r0, r0, #0x3C
        orr     r0, r0, #1 << 15                @ MDBGen
        mcr     p14, 0, r0, c0, c2, 2           @ DBGDSCR
        bx      lr

        .data
        .macro  name label, text
name_\label:
        .asciz  "\text "
        .endm
nothing: .asciz "-\n"
        name    locked, "+locked"
        name    no_monitor, "no monitor"
        name    here, "breakpoint"
        name    user, "user's alone"
        name    fifth, "the last one"
        name    thumb, "thumb"
        name    hot, "in a hot function"
        name    linked, "context 5"
        name    unlinked, "context 6"
        name    store, "store"
        name    load_of_store, "load of what stores are watched of"
        name    load, "load"
        name    beside, "beside"
        name    byte, "byte"
        name    other_byte, "other byte"
        name    misaligned, "misaligned"
        name    range, "range"
        name    behind_range, "behind range"
        name    many, "many"
        name    privileged, "privileged"
        name    unprivileged, "unprivileged"
        name    vector, "vector"
        name    device, "device"
        name    bkpt, "bkpt"
        name    trapped, "breakpoint to Hyp mode"
        name    trapped_data, "watchpoint to Hyp mode"
        name    caught, "+vector"
        name    step, "+step"
        .balign 4096
cell:   .skip   4096
        .bss
        .balign 16384
table:  .skip   16384
        .skip   1024
stack:  .skip   1024
abort_stack:
        .skip   1024
hyp_stack:

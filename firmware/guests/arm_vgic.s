@ The GIC's Virtualization Extensions from both sides: a host in Hyp mode lists interrupts for a guest in SVC mode, which takes them.
@
@ ARM IHI 0048B, chapter 5. The host fills list registers (GICH_LR) and enters the guest; the guest acknowledges and ends through the
@ virtual CPU interface (GICV), as it would with a real one; the host then looks at what became of its list. There is no stage 2 here,
@ so the guest reaches GICV where the board has it. Host and guest are one program: `enter` is the host's call of a piece of guest
@ code, which comes back by `hvc`.
@
@ Registers: r11 where the host goes on after the guest's hvc, r10 GICH, r9 GICV, r8 distributor, r7 physical CPU interface. Below
@ them everybody may use what he wants.

        .text
        .equ    GICD, 0x08000000
        .equ    GICC, 0x08010000
        .equ    GICH, 0x08030000
        .equ    GICV, 0x08040000
        .equ    GICH_HCR, 0x00
        .equ    GICH_VTR, 0x04
        .equ    GICH_VMCR, 0x08
        .equ    GICH_MISR, 0x10
        .equ    GICH_EISR, 0x20
        .equ    GICH_ELRSR, 0x30
        .equ    GICH_APR, 0xF0
        .equ    GICH_LR, 0x100
        .equ    CTLR, 0x00                      @ of GICC and GICV alike
        .equ    PMR, 0x04
        .equ    IAR, 0x0C
        .equ    EOIR, 0x10
        .equ    RPR, 0x14
        .equ    HPPIR, 0x18
        .equ    LR_PENDING, 1 << 28
        .equ    LR_ACTIVE, 2 << 28
        .equ    LR_HW, 1 << 31
        .equ    LR_EOI, 1 << 19
        .equ    PRIORITY_50, 0x50 << 20         @ bits 27:23 are the upper five of the priority
        .equ    PRIORITY_80, 0x80 << 20
        .equ    PRIORITY_20, 0x20 << 20
        .equ    HCR_INTERRUPTS, 1 << 3 | 1 << 4 @ FMO, IMO: physical ones to Hyp mode, virtual ones on
        .equ    MODE_SVC, 0x13
        .equ    PSR_MASKED, 0x1C0
        .equ    ISR_I, 0x80
        .equ    MAINTENANCE, 25                 @ PPI 9
        .equ    SPI, 40
        .equ    VMCR_ON, 0xF8 << 24 | 3 << 18 | 2 << 21 | 1     @ all priorities pass, Group 0 enabled
        .equ    VMCR_SPLIT, VMCR_ON | 1 << 9    @ EOImode: a priority is dropped by EOIR, an interrupt ended by DIR
        .equ    DIR_HIGH, 0x1000

        .macro  check number, register, value
        ldr     r12, =\value
        cmp     \register, r12
        movne   r0, #\number
        bne     finish
        .endm

        .macro  enter piece
        ldr     r11, =1f
        ldr     r0, =\piece
        msr     ELR_hyp, r0
        movw    r0, #MODE_SVC | PSR_MASKED
        msr     SPSR_cxsf, r0
        eret
1:
        .endm

        .macro  put value, base, offset
        ldr     r0, =\value
        str     r0, [\base, #\offset]
        .endm

        .global _start
        .type   _start, %function
_start:
        ldr     sp, =hyp_stack
        ldr     r0, =svc_stack
        msr     SP_svc, r0
        ldr     r0, =hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        ldr     r0, =guest_vectors
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR
        mov     r0, #HCR_INTERRUPTS
        mcr     p15, 4, r0, c1, c1, 0           @ HCR
        ldr     r7, =GICC
        ldr     r8, =GICD
        ldr     r9, =GICV
        ldr     r10, =GICH

        @ Four list registers, five bits of priority; all are free, and nothing is signalled.
        ldr     r1, [r10, #GICH_VTR]
        check   0x01, r1, 0x90000003
        ldr     r1, [r10, #GICH_ELRSR]
        check   0x02, r1, 0xF

        @ One interrupt, from listing to end.
        put     VMCR_ON, r10, GICH_VMCR
        put     1, r10, GICH_HCR
        put     LR_PENDING | PRIORITY_50 | 0x28, r10, GICH_LR
        enter   guest_takes_one
        ldr     r1, [r10, #GICH_LR]
        check   0x10, r1, PRIORITY_50 | 0x28
        ldr     r1, [r10, #GICH_ELRSR]
        check   0x11, r1, 0xF
        ldr     r1, [r10, #GICH_APR]
        check   0x12, r1, 0

        @ The end of an interrupt that asks for it is the hypervisor's business, and a physical interrupt says so.
        put     3, r8, CTLR
        mov     r0, #1 << MAINTENANCE
        str     r0, [r8, #0x100]                @ GICD_ISENABLER0
        put     0xF8, r7, PMR
        put     1, r7, CTLR
        put     LR_PENDING | LR_EOI | PRIORITY_50 | 0x29, r10, GICH_LR + 4
        enter   guest_ends_one
        ldr     r1, [r10, #GICH_EISR]
        check   0x20, r1, 2
        ldr     r1, [r10, #GICH_ELRSR]
        check   0x21, r1, 0xD
        ldr     r1, [r10, #GICH_MISR]
        check   0x22, r1, 1
        ldr     r1, [r7, #IAR]
        check   0x23, r1, MAINTENANCE
        put     0, r10, GICH_LR + 4             @ it has been seen: the line falls
        put     MAINTENANCE, r7, EOIR
        ldr     r1, [r7, #HPPIR]
        check   0x24, r1, 1023
        ldr     r1, [r10, #GICH_MISR]
        check   0x25, r1, 0

        @ An active interrupt that the hypervisor took off the list, to make room: its end is counted.
        put     LR_PENDING | PRIORITY_50 | 0x2A, r10, GICH_LR
        enter   guest_acknowledges
        ldr     r1, [r10, #GICH_LR]
        check   0x30, r1, LR_ACTIVE | PRIORITY_50 | 0x2A
        ldr     r1, [r10, #GICH_APR]
        check   0x31, r1, 1 << 10
        put     0, r10, GICH_LR
        put     5, r10, GICH_HCR                @ LRENPIE
        enter   guest_ends
        ldr     r1, [r10, #GICH_HCR]
        check   0x32, r1, 1 << 27 | 5
        ldr     r1, [r10, #GICH_MISR]
        check   0x33, r1, 4
        put     1, r10, GICH_HCR

        @ A physical interrupt that the guest may end itself: the host only drops its priority.
        mov     r0, #1 << (SPI - 32)
        str     r0, [r8, #0x104]                @ GICD_ISENABLER1
        strb    r0, [r8, #0x800 + SPI]          @ to a processor; one alone ignores it
        mov     r0, #1
        strb    r0, [r8, #0x800 + SPI]
        put     1 << 9 | 1, r7, CTLR            @ EOImode
        mov     r0, #1 << (SPI - 32)
        str     r0, [r8, #0x204]                @ GICD_ISPENDR1
        ldr     r1, [r7, #IAR]
        check   0x40, r1, SPI
        put     SPI, r7, EOIR
        ldr     r1, [r8, #0x304]                @ GICD_ISACTIVER1
        check   0x41, r1, 1 << (SPI - 32)
        put     LR_HW | LR_PENDING | PRIORITY_50 | SPI << 10 | 0x2B, r10, GICH_LR + 8
        enter   guest_ends_one
        ldr     r1, [r8, #0x304]
        check   0x42, r1, 0
        ldr     r1, [r10, #GICH_ELRSR]
        check   0x43, r1, 0xF

        @ Drop and end apart, as a guest that has threaded handlers wants it.
        put     VMCR_SPLIT, r10, GICH_VMCR
        put     LR_PENDING | PRIORITY_50 | 0x2C, r10, GICH_LR
        enter   guest_ends_one
        ldr     r1, [r10, #GICH_LR]
        check   0x50, r1, LR_ACTIVE | PRIORITY_50 | 0x2C
        ldr     r1, [r10, #GICH_APR]
        check   0x51, r1, 0
        enter   guest_deactivates
        ldr     r1, [r10, #GICH_LR]
        check   0x52, r1, PRIORITY_50 | 0x2C
        put     VMCR_ON, r10, GICH_VMCR

        @ Preemption: while one is active, a more important one gets through and a less important one does not.
        put     LR_ACTIVE | PRIORITY_50 | 0x2D, r10, GICH_LR
        put     1 << 10, r10, GICH_APR
        put     LR_PENDING | PRIORITY_80 | 0x2E, r10, GICH_LR + 4
        enter   guest_sees_nothing
        put     LR_PENDING | PRIORITY_20 | 0x2F, r10, GICH_LR + 8
        enter   guest_nests
        ldr     r1, [r10, #GICH_APR]
        check   0x60, r1, 1 << 10

        @ Underflow: with one valid list register or none; no pending: with none of them pending.
        put     0, r10, GICH_LR + 4
        put     0xB, r10, GICH_HCR              @ En, UIE, NPIE
        ldr     r1, [r10, #GICH_MISR]
        check   0x70, r1, 0xA
        put     LR_PENDING | PRIORITY_80 | 0x2E, r10, GICH_LR + 4
        ldr     r1, [r10, #GICH_MISR]
        check   0x71, r1, 0

        @ The guest's enables, as maintenance that a hypervisor may ask for: Group 0 is on, Group 1 is off.
        put     0xF1, r10, GICH_HCR
        ldr     r1, [r10, #GICH_MISR]
        check   0x72, r1, 0x90
        put     0, r10, GICH_HCR

        mov     r0, #0
        b       finish
        .ltorg

@ The guest's pieces. They begin with interrupts masked.

guest_takes_one:
        mrc     p15, 0, r1, c12, c1, 0          @ ISR: one is pending, though masked
        check   0x13, r1, ISR_I
        ldr     r1, [r9, #HPPIR]
        check   0x14, r1, 0x28
        mov     r5, #0
        cpsie   i
        nop
        cpsid   i
        check   0x15, r5, 0x28                  @ what the handler acknowledged
        check   0x16, r6, 0x50                  @ at this running priority
        ldr     r1, [r9, #RPR]
        check   0x17, r1, 0xFF
        hvc     #0

guest_ends_one:
        ldr     r4, [r9, #IAR]
        str     r4, [r9, #EOIR]
        hvc     #0

guest_acknowledges:
        ldr     r4, [r9, #IAR]
        check   0x34, r4, 0x2A
        hvc     #0

guest_ends:
        str     r4, [r9, #EOIR]
        hvc     #0

guest_deactivates:
        add     r0, r9, #DIR_HIGH
        str     r4, [r0]
        hvc     #0

guest_sees_nothing:
        mrc     p15, 0, r1, c12, c1, 0
        check   0x61, r1, 0
        ldr     r1, [r9, #IAR]
        check   0x62, r1, 1023
        hvc     #0

guest_nests:
        mrc     p15, 0, r1, c12, c1, 0
        check   0x63, r1, ISR_I
        ldr     r1, [r9, #IAR]
        check   0x64, r1, 0x2F
        ldr     r2, [r9, #RPR]
        check   0x65, r2, 0x20
        str     r1, [r9, #EOIR]
        ldr     r2, [r9, #RPR]
        check   0x66, r2, 0x50
        hvc     #0
        .ltorg

guest_irq:
        ldr     r5, [r9, #IAR]
        ldr     r6, [r9, #RPR]
        mrc     p15, 0, r1, c12, c1, 0
        check   0x18, r1, 0                     @ it is active now, and signalled no more
        str     r5, [r9, #EOIR]
        subs    pc, lr, #4
        .ltorg

wild:
        ldr     sp, =hyp_stack                  @ whatever mode this is
        mov     r0, #0xEE
        b       finish
        .ltorg

        .align  5
hyp_vectors:
        b       wild
        b       wild
        b       wild
        b       wild
        b       wild
        bx      r11                             @ the guest's hvc: back to the host
        bx      r11                             @ maintenance, which does not wait for the guest's hvc, masked or not
        b       wild
guest_vectors:
        b       wild
        b       wild
        b       wild
        b       wild
        b       wild
        b       wild
        b       guest_irq
        b       wild

        .section .rodata, "a"
        .global guest_name
guest_name: .asciz "arm_vgic"

        .bss
        .align  3
        .space  1024
hyp_stack:
        .space  1024
svc_stack:

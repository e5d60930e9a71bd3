@ From Hyp mode, in which the board starts the image, to the host's Supervisor mode: the Hyp vectors are installed on the way.
@
@ ARM DDI 0406C, B1.8.1 (HVBAR), B3.6.5 (VTCR); Linux 3.9, arch/arm/kernel/hyp-stub.S and arch/arm/kvm/init.S. All files of the
@ stub are assembled as A32 or, with T32 = 1, as T32; this one begins as A32, because that is how the board enters it.

        .include "context.s"
        .text
        .arm
        .global _start
        .type   _start, %function
_start:
        ldr     sp, =hyp_stack
        ldr     r0, =hyp_vectors
        bic     r0, r0, #1
        mcr     p15, 4, r0, c12, c0, 0          @ HVBAR
        @ HSCTLR.TE: exceptions to Hyp mode are taken in the instruction set of their vectors.
        mrc     p15, 4, r0, c1, c0, 0
        .if T32
        orr     r0, r0, #1 << 30
        .else
        bic     r0, r0, #1 << 30
        .endif
        mcr     p15, 4, r0, c1, c0, 0
        @ What is the same for all guests: 40-bit addresses, first look-up at level 1, write-back walks.
        ldr     r0, =VTCR_OF_GUESTS | 0x80000000
        mcr     p15, 4, r0, c2, c1, 2
        @ VMID 0 is the host, and nothing of the host's traps.
        mov     r0, #0
        mov     r1, #0
        mcrr    p15, 6, r0, r1, c2              @ VTTBR
        mcr     p15, 4, r0, c1, c1, 0           @ HCR
        mcr     p15, 4, r0, c1, c1, 3           @ HSTR
        ldr     r0, =0x33FF
        mcr     p15, 4, r0, c1, c1, 2           @ HCPTR: VFP is not trapped
        mov     r0, #3
        mcr     p15, 4, r0, c14, c1, 0          @ CNTHCTL: counter and physical timer are PL1's
        @ The host uses VFP.
        mov     r0, #0xF << 20
        mcr     p15, 0, r0, c1, c0, 2           @ CPACR
        isb     sy
        mov     r0, #1 << 30
        vmsr    fpexc, r0
        ldr     r0, =host
        bic     r0, r0, #1
        msr     ELR_hyp, r0
        .if T32
        movw    r0, #MODE_SVC | PSR_MASKED | PSR_T
        .else
        movw    r0, #MODE_SVC | PSR_MASKED
        .endif
        msr     SPSR_cxsf, r0
        eret
        .size   _start, . - _start
        .ltorg

        .if T32
        .thumb
        .endif
@ The host: `host_test` of the program that the stub is linked with says what it does.
        .type   host, %function
host:
        .cfi_startproc
        .cfi_undefined lr                       @ nobody called: a debugger's backtrace ends here
        ldr     sp, =host_stack
        bl      host_test
        bl      finish
        b       .
        .cfi_endproc
        .size   host, . - host

@ call_hyp(r0 = function, r1-r3 = its arguments) -> r0: a function of Hyp mode, called from Supervisor mode.
        .global call_hyp
        .type   call_hyp, %function
call_hyp:
        hvc     #0
        bx      lr
        .size   call_hyp, . - call_hyp
        .ltorg

        .bss
        .balign 8
        .skip   4096
host_stack:
        .skip   4096
        .global hyp_stack
hyp_stack:
        .skip   8

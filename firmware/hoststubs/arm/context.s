@ The context of a vcpu: what a guest has while another world runs. All files of the stub include this; it makes no code.
@
@ The order is that of Linux's struct kvm_vcpu_arch as far as there is one; pairs of 64 bits stand on 8 bytes, the block of CP15
@ begins with them, so that ldrd and strd of A32 reach all of it.

        .syntax unified
        .equ    VCPU_REGS, 0                    @ r0-r12
        .equ    VCPU_SP_USR, 52
        .equ    VCPU_LR, 56                     @ LR_usr, which Hyp mode uses as well
        .equ    VCPU_PC, 60
        .equ    VCPU_CPSR, 64
        .equ    VCPU_SVC, 68                    @ SP, LR, SPSR
        .equ    VCPU_ABT, 80
        .equ    VCPU_UND, 92
        .equ    VCPU_IRQ, 104
        .equ    VCPU_FIQ, 116                   @ r8-r12, SP, LR, SPSR
        .equ    VCPU_CP15, 152                  @ see cp15.s
        .equ    CP15_DFSR, 44
        .equ    CP15_IFSR, 48
        .equ    CP15_DFAR, 60
        .equ    CP15_IFAR, 64
        .equ    CP15_VBAR, 84
        .equ    VCPU_MIDR, 264
        .equ    VCPU_MPIDR, 268
        .equ    VCPU_LINES, 272                 @ HCR.VI and HCR.VF
        .equ    VCPU_HSR, 276
        .equ    VCPU_HXFAR, 280                 @ HDFAR, or HIFAR of a prefetch abort
        .equ    VCPU_HPFAR, 284
        .equ    VCPU_VTTBR, 288
        .equ    VCPU_TIMER_CTL, 296             @ CNTV_CTL
        .equ    VCPU_VFP_SWITCHES, 300          @ how often VFP was given to the guest
        .equ    VCPU_TIMER_CVAL, 304
        .equ    VCPU_CNTVOFF, 312
        .equ    VCPU_HOOK, 320                  @ called in Hyp mode in the middle of an entry, if it is not 0
        .equ    VCPU_VGIC, 328                  @ GICH: HCR, VMCR, MISR, EISR, ELRSR, APR, LR0-LR3
        .equ    VCPU_VFP, 368                   @ d0-d31, FPEXC, FPSCR
        .equ    VFP_CONTROL, 256
        .equ    VCPU_SIZE, 640

        .equ    MODE_USR, 0x10
        .equ    MODE_SVC, 0x13
        .equ    MODE_ABT, 0x17
        .equ    MODE_UND, 0x1B
        .equ    PSR_MASKED, 0x1C0               @ A, I, F
        .equ    PSR_T, 0x20

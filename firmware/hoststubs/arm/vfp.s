@ VFP and Advanced SIMD, which a guest gets when it first uses them: HCPTR traps that use after every entry.
@
@ Linux 3.9, arch/arm/kvm/interrupts.S (switch_to_guest_vfp) and interrupts_head.S. Most exits never cost the 33 doublewords.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    FPEXC_EN, 1 << 30
        .equ    HCPTR_VFP, 0xC00                @ TCP10, TCP11

@ save_vfp(r5 = where to): all registers; FPEXC.EN is set in between, whatever it was. r4 and r6 are lost.
        .global save_vfp
        .type   save_vfp, %function
save_vfp:
        vmrs    r4, fpexc
        orr     r6, r4, #FPEXC_EN
        vmsr    fpexc, r6
        isb     sy
        vmrs    r6, fpscr
        vstmia  r5!, {d0-d15}
        vstmia  r5!, {d16-d31}
        str     r4, [r5]
        str     r6, [r5, #4]
        bx      lr
        .size   save_vfp, . - save_vfp

@ load_vfp(r5 = where from). r4 and r6 are lost.
        .global load_vfp
        .type   load_vfp, %function
load_vfp:
        mov     r4, #FPEXC_EN
        vmsr    fpexc, r4
        isb     sy
        vldmia  r5!, {d0-d15}
        vldmia  r5!, {d16-d31}
        ldr     r4, [r5]
        ldr     r6, [r5, #4]
        vmsr    fpscr, r6
        vmsr    fpexc, r4
        bx      lr
        .size   load_vfp, . - load_vfp

@ The guest has used VFP: give it, and go straight back. Comes from guest_trap with the guest's r0-r2 on the stack.
        .global give_vfp
give_vfp:
        push    {r3, r4, r5, r6, lr}
        mrc     p15, 4, r0, c1, c1, 2           @ HCPTR
        bic     r0, r0, #HCPTR_VFP
        mcr     p15, 4, r0, c1, c1, 2
        isb     sy
        ldr     r5, =host_vfp
        bl      save_vfp
        mrc     p15, 4, r0, c13, c0, 2          @ HTPIDR: the vcpu
        add     r5, r0, #VCPU_VFP
        bl      load_vfp
        ldr     r1, [r0, #VCPU_VFP_SWITCHES]
        add     r1, r1, #1
        str     r1, [r0, #VCPU_VFP_SWITCHES]
        pop     {r3, r4, r5, r6, lr}
        pop     {r0, r1, r2}
        eret

@ take_vfp(r0 = vcpu): at an exit, if the guest has it: back to the context, and the host's again. r4-r6 are lost.
        .global take_vfp
        .type   take_vfp, %function
take_vfp:
        mrc     p15, 4, r4, c1, c1, 2           @ HCPTR
        tst     r4, #HCPTR_VFP
        bne     1f
        push    {r3, lr}
        add     r5, r0, #VCPU_VFP
        bl      save_vfp
        ldr     r5, =host_vfp
        bl      load_vfp
        pop     {r3, lr}
1:      bx      lr
        .size   take_vfp, . - take_vfp
        .ltorg

        .bss
        .balign 8
host_vfp:
        .skip   264

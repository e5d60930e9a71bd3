@ The world switch: into a guest and out of it.
@
@ Linux 3.9, arch/arm/kvm/interrupts.S (__kvm_vcpu_run, guest_trap, __kvm_vcpu_return); ARM DDI 0406C, B1.14 (traps to the hypervisor),
@ B3.6.6 and B3.13.6. While a guest runs, the host's registers stand on the Hyp stack and in `host_cp15`, and HTPIDR has the vcpu.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    EC_IS_HCPTR, 0x07
        .equ    EC_IS_PREFETCH, 0x20
        .equ    EC_IS_DATA, 0x24
        .equ    STATUS_KIND, 0x3C
        .equ    STATUS_PERMISSION, 0x0C
        .equ    S1PTW, 0x80

        .macro  push_mode mode
        mrs     r4, SP_\mode
        mrs     r5, LR_\mode
        mrs     r6, SPSR_\mode
        push    {r4, r5, r6}
        .endm
        .macro  pop_mode mode
        pop     {r4, r5, r6}
        msr     SP_\mode, r4
        msr     LR_\mode, r5
        msr     SPSR_\mode, r6
        .endm
        .macro  save_mode mode, at
        mrs     r4, SP_\mode
        mrs     r5, LR_\mode
        mrs     r6, SPSR_\mode
        str     r4, [r0, #\at]
        str     r5, [r0, #\at + 4]
        str     r6, [r0, #\at + 8]
        .endm
        .macro  load_mode mode, at
        ldr     r4, [r0, #\at]
        ldr     r5, [r0, #\at + 4]
        ldr     r6, [r0, #\at + 8]
        msr     SP_\mode, r4
        msr     LR_\mode, r5
        msr     SPSR_\mode, r6
        .endm
        .macro  read_fiq
        mrs     r4, R8_fiq
        mrs     r5, R9_fiq
        mrs     r6, R10_fiq
        mrs     r7, R11_fiq
        mrs     r8, R12_fiq
        mrs     r9, SP_fiq
        mrs     r10, LR_fiq
        mrs     r11, SPSR_fiq
        .endm
        .macro  write_fiq
        msr     R8_fiq, r4
        msr     R9_fiq, r5
        msr     R10_fiq, r6
        msr     R11_fiq, r7
        msr     R12_fiq, r8
        msr     SP_fiq, r9
        msr     LR_fiq, r10
        msr     SPSR_fiq, r11
        .endm

@ kvm_vcpu_run(r0 = vcpu) -> r0 = ARM_EXCEPTION_*: a Hyp function, by call_hyp.
        .global kvm_vcpu_run
        .type   kvm_vcpu_run, %function
kvm_vcpu_run:
        .cfi_startproc
        @ The host's registers. ELR_hyp is where its hvc goes on; SPSR is on the stack already.
        mrs     r2, ELR_hyp
        mrs     r3, SP_usr
        push    {r2, r3}
        push    {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}
        push_mode svc
        push_mode abt
        push_mode und
        push_mode irq
        read_fiq
        push    {r4, r5, r6, r7, r8, r9, r10, r11}
        mcr     p15, 4, r0, c13, c0, 2          @ HTPIDR: the vcpu
        ldr     r1, =host_cp15
        bl      save_cp15
        bl      load_timer
        bl      load_vgic
        @ Traps, and whom the processor is for the guest.
        ldr     r2, =HSTR_OF_GUESTS
        mcr     p15, 4, r2, c1, c1, 3
        ldr     r2, =HCPTR_OF_GUESTS | 0x33FF
        mcr     p15, 4, r2, c1, c1, 2           @ VFP is trapped anew at each entry
        mrc     p15, 4, r2, c1, c1, 1
        orr     r2, r2, #HDCR_OF_GUESTS
        mcr     p15, 4, r2, c1, c1, 1
        ldr     r2, =HCR_OF_GUESTS
        ldr     r3, [r0, #VCPU_LINES]
        orr     r2, r2, r3
        mcr     p15, 4, r2, c1, c1, 0
        ldr     r2, [r0, #VCPU_MIDR]
        mcr     p15, 4, r2, c0, c0, 0           @ VPIDR
        ldr     r2, [r0, #VCPU_MPIDR]
        mcr     p15, 4, r2, c0, c0, 5           @ VMPIDR
        @ From here on exceptions of Hyp mode count as the guest's.
        ldr     r2, [r0, #VCPU_VTTBR]
        ldr     r3, [r0, #VCPU_VTTBR + 4]
        mcrr    p15, 6, r2, r3, c2
        isb     sy
        ldr     r2, [r0, #VCPU_HOOK]
        cmp     r2, #0
        beq     1f
        blx     r2
1:      @ The guest's registers, r0 last: it holds the context.
        add     r1, r0, #VCPU_CP15
        bl      load_cp15
        load_mode svc, VCPU_SVC
        load_mode abt, VCPU_ABT
        load_mode und, VCPU_UND
        load_mode irq, VCPU_IRQ
        add     r1, r0, #VCPU_FIQ
        ldm     r1, {r4, r5, r6, r7, r8, r9, r10, r11}
        write_fiq
        ldr     r1, [r0, #VCPU_SP_USR]
        msr     SP_usr, r1
        ldr     r1, [r0, #VCPU_PC]
        msr     ELR_hyp, r1
        ldr     r1, [r0, #VCPU_CPSR]
        msr     SPSR_cxsf, r1
        ldr     lr, [r0, #VCPU_LR]
        clrex                                   @ the host's exclusive access is none of the guest's
        ldm     r0, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}
        .global enter_guest
enter_guest:
        eret
        .cfi_endproc
        .size   kvm_vcpu_run, . - kvm_vcpu_run
        .ltorg

@ A trap of the guest's. Its r0-r2 stand on the stack, r1 is HSR. Two kinds end here, without the host; the others leave.
        .global guest_trap
        .type   guest_trap, %function
guest_trap:
        lsr     r2, r1, #26
        cmp     r2, #EC_IS_HCPTR
        beq     coprocessor
        mrc     p15, 4, r0, c6, c0, 0           @ HDFAR
        cmp     r2, #EC_IS_DATA
        beq     abort
        mrc     p15, 4, r0, c6, c0, 2           @ HIFAR
        cmp     r2, #EC_IS_PREFETCH
        beq     abort
leave:  mov     r1, #ARM_EXCEPTION_HVC
        b       guest_exit

coprocessor:
        @ HSR 3:0: coprocessors 10 and 11 are VFP and Advanced SIMD. No other one is there.
        and     r2, r1, #0xE
        cmp     r2, #0xA
        bne     leave
        b       give_vfp

@ HPFAR has the page of a stage 2 abort, but for a permission fault that is not on a walk of stage 1: then stage 1 is asked. If it has
@ no translation any more, another processor has changed the guest's tables: the guest just tries again.
abort:
        mrc     p15, 4, r2, c13, c0, 2          @ HTPIDR
        str     r0, [r2, #VCPU_HXFAR]
        and     r2, r1, #STATUS_KIND
        cmp     r2, #STATUS_PERMISSION
        bne     hpfar_is_valid
        tst     r1, #S1PTW
        bne     hpfar_is_valid
        mrrc    p15, 0, r1, r2, c7              @ PAR is the guest's
        push    {r1, r2}
        mcr     p15, 0, r0, c7, c8, 0           @ ATS1CPR
        isb     sy
        mrrc    p15, 0, r0, r1, c7
        pop     {r2}
        push    {r3}
        ldr     r3, [sp, #4]
        mcrr    p15, 0, r2, r3, c7
        pop     {r3}
        add     sp, sp, #4
        tst     r0, #1                          @ PAR.F
        bne     try_again
        @ PA 39:12 at bits 31:4, as HPFAR has it.
        lsr     r2, r0, #12
        lsl     r2, r2, #4
        orr     r2, r2, r1, lsl #24
        b       have_page
hpfar_is_valid:
        mrc     p15, 4, r2, c6, c0, 4           @ HPFAR
have_page:
        mrc     p15, 4, r0, c13, c0, 2
        str     r2, [r0, #VCPU_HPFAR]
        b       leave
try_again:
        pop     {r0, r1, r2}
        eret
        .size   guest_trap, . - guest_trap

@ Out of the guest. Its r0-r2 stand on the stack, above them the host's registers; r1 is what the run ends with.
        .global guest_exit
        .type   guest_exit, %function
guest_exit:
        mrc     p15, 4, r0, c13, c0, 2          @ HTPIDR
        add     r2, r0, #VCPU_REGS + 12
        stm     r2, {r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}
        mov     r3, r1
        pop     {r4, r5, r6}
        stm     r0, {r4, r5, r6}
        str     lr, [r0, #VCPU_LR]
        mrs     r4, SP_usr
        str     r4, [r0, #VCPU_SP_USR]
        mrs     r4, ELR_hyp
        str     r4, [r0, #VCPU_PC]
        mrs     r4, SPSR
        str     r4, [r0, #VCPU_CPSR]
        mrc     p15, 4, r4, c5, c2, 0
        str     r4, [r0, #VCPU_HSR]
        save_mode svc, VCPU_SVC
        save_mode abt, VCPU_ABT
        save_mode und, VCPU_UND
        save_mode irq, VCPU_IRQ
        read_fiq
        add     r1, r0, #VCPU_FIQ
        stm     r1, {r4, r5, r6, r7, r8, r9, r10, r11}
        add     r1, r0, #VCPU_CP15
        bl      save_cp15
        bl      take_vfp
        bl      save_vgic
        bl      save_timer
        @ The host's world: VMID 0, nothing traps, the processor is itself.
        mov     r4, #0
        mov     r5, #0
        mcr     p15, 4, r4, c1, c1, 0           @ HCR
        mcr     p15, 4, r4, c1, c1, 3           @ HSTR
        mrc     p15, 4, r5, c1, c1, 1
        bic     r5, r5, #HDCR_OF_GUESTS
        mcr     p15, 4, r5, c1, c1, 1           @ HDCR
        ldr     r5, =0x33FF
        mcr     p15, 4, r5, c1, c1, 2           @ HCPTR
        mrc     p15, 0, r5, c0, c0, 0
        mcr     p15, 4, r5, c0, c0, 0           @ VPIDR
        mrc     p15, 0, r5, c0, c0, 5
        mcr     p15, 4, r5, c0, c0, 5           @ VMPIDR
        mov     r5, #0
        mcrr    p15, 6, r4, r5, c2              @ VTTBR
        isb     sy
        ldr     r1, =host_cp15
        bl      load_cp15
        clrex
        pop     {r4, r5, r6, r7, r8, r9, r10, r11}
        write_fiq
        pop_mode irq
        pop_mode und
        pop_mode abt
        pop_mode svc
        mov     r0, r3
        pop     {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}
        pop     {r2, r3}
        msr     ELR_hyp, r2
        msr     SP_usr, r3
        bx      lr
        .size   guest_exit, . - guest_exit
        .ltorg

        .bss
        .balign 8
host_cp15:
        .skip   112

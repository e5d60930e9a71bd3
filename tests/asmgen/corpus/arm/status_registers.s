@ Status registers, banked registers, mode changes.
        .syntax unified
        .arm
        mrs     r0, cpsr
        mrs     r0, apsr
        mrs     r0, spsr
        mrs     r0, CPSR
        mrs     r0, cpsr_all
        msr     cpsr, r0
        msr     cpsr_all, r0
        msr     cpsr_c, r0
        msr     cpsr_cxsf, r0
        msr     cpsr_fsxc, r0
        msr     SPSR_csxf, lr
        msr     spsr_fc, r1
        msr     cpsr_c, #0xd3
        msr     cpsr_f, #0xf0000000
        msr     apsr_nzcvq, r0
        msr     apsr_g, r0
        msr     spsr_cxsf, r0
        mrs     r0, r8_usr
        mrs     r0, sp_irq
        mrs     r0, lr_svc
        mrs     r0, spsr_fiq
        mrs     r0, elr_hyp
        mrs     r0, sp_hyp
        msr     elr_hyp, r0
        msr     sp_usr, r0
        msr     SPSR_abt, r1
        msr     spsr_hyp, r0
        cpsie   i
        cpsid   if
        cpsid   aif, #0x13
        cps     #0x1a
        setend  be
        setend  le
        srsdb   sp!, #0x13
        srsia   #0x12
        srsfd   sp!, #31
        rfeia   r0
        rfefd   sp!
        rfeib   r1!
        eret
        hvc     #0xffff
        smc     #0
        svc     #0
        svceq   #0xffffff
        wfe
        wfi
        sev
        yield
        nop
        bkpt    #0xffff
        udf     #0xffff

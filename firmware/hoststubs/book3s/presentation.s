# The partition's interrupt presentation controllers (XICS, PAPR 14.10), as user space plays them: interprocessor interrupts only.
#
# A request gets through if its priority is a smaller number than the processor's.

        .equ    IPI_SOURCE, 2

# present(r30 = vcpu): presents its request if that can be, and tells the kernel of the state of its external interrupt (KVM_INTERRUPT).
        .type   present, @function
present:
        ld      r3, VCPU_MFRR(r30)
        ld      r4, VCPU_CPPR(r30)
        ld      r5, VCPU_PRESENTED_AT(r30)
        cmpd    r3, r4
        bge     1f
        cmpd    r3, r5
        bge     1f
        std     r3, VCPU_PRESENTED_AT(r30)
        li      r3, IPI_SOURCE
        std     r3, VCPU_PRESENTED(r30)
1:      ld      r3, VCPU_PRESENTED(r30)
        std     r3, VCPU_EXTERNAL(r30)
        blr
        .size   present, . - present

# withdraw(r30 = vcpu): nothing is presented.
        .type   withdraw, @function
withdraw:
        li      r5, 0
        std     r5, VCPU_PRESENTED(r30)
        li      r5, LEAST_FAVOURED
        std     r5, VCPU_PRESENTED_AT(r30)
        blr
        .size   withdraw, . - withdraw

        .type   h_cppr, @function
h_cppr:
        argument r3, 4
        .size   h_cppr, . - h_cppr
        .type   set_priority, @function
set_priority:                                   # (r3 = priority)
        enter   30
        mr      r30, r31
        clrldi  r3, r3, 56
        std     r3, VCPU_CPPR(r30)
        # One that is presented and no more favoured goes back.
        ld      r4, VCPU_PRESENTED_AT(r30)
        cmpd    r4, r3
        blt     1f
        bl      withdraw
1:      bl      present
        li      r3, H_SUCCESS
        leave   30
        .size   set_priority, . - set_priority

        .type   h_ipi, @function
h_ipi:
        enter   30
        argument r3, 4
        bl      find_vcpu
        cmpdi   r3, 0
        mr      r30, r3
        li      r3, H_PARAMETER
        beq     2f
        argument r3, 5
        clrldi  r3, r3, 56
        std     r3, VCPU_MFRR(r30)
        ld      r4, VCPU_CPPR(r30)
        cmpd    r3, r4
        blt     1f
        bl      withdraw
1:      bl      present
        li      r3, H_SUCCESS
2:      leave   30
        .size   h_ipi, . - h_ipi

        .type   h_xirr, @function
h_xirr:
        ld      r3, VCPU_CPPR(r31)
        ld      r4, VCPU_PRESENTED(r31)
        sldi    r3, r3, 24
        or      r3, r3, r4
        result  4, r3
        li      r3, 0
        std     r3, VCPU_EXTERNAL(r31)
        cmpdi   r4, 0
        beq     1f
        ld      r5, VCPU_PRESENTED_AT(r31)
        std     r5, VCPU_CPPR(r31)
        std     r3, VCPU_PRESENTED(r31)
        li      r5, LEAST_FAVOURED
        std     r5, VCPU_PRESENTED_AT(r31)
1:      li      r3, H_SUCCESS
        blr
        .size   h_xirr, . - h_xirr

        .type   h_eoi, @function
h_eoi:
        argument r3, 4
        srdi    r3, r3, 24
        b       set_priority
        .size   h_eoi, . - h_eoi


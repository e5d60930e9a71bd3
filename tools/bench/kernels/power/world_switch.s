# 1000 times from hypervisor state into a partition and, with its `sc 1`, back; on a bare core, no model in between.
#
# As a hypervisor does it: general registers, condition, link and count registers, return address and machine state are
# stored and loaded, LPIDR and LPCR are switched between the partition's and the hypervisor's.

        .text
        .equ    SWITCHES, 1000
        .equ    PARTITION, 1                    # its LPID
        .equ    RMLS_256M, 4 << 26              # the partition's real mode area: 256 MiB from address 0
        .equ    MSR_PARTITION, 0x1000           # with SF: ME
        .equ    HSPRG0, 304                     # special purpose registers, by their numbers
        .equ    HSPRG1, 305
        .equ    HSRR0, 314
        .equ    HSRR1, 315
        .equ    LPCR, 318
        .equ    LPIDR, 319
        .equ    VCPU_CR, 256                    # behind the general registers
        .equ    VCPU_LR, 264
        .equ    VCPU_CTR, 272
        .equ    VCPU_PC, 280
        .equ    VCPU_MSR, 288
        .equ    HOST_STACK, 296
        .global kernel
        .type   kernel, @function
kernel:
        mflr    r0
        std     r0, 16(r1)
        stdu    r1, -224(r1)
        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        std     r\n, 8 * (\n - 8)(r1)
        .endr

        # The partition counts in r3 and r4, and begins anew.
        lis     r13, vcpu@ha
        addi    r13, r13, vcpu@l
        mtspr   HSPRG0, r13
        li      r0, 0
        std     r0, 8 * 3(r13)
        std     r0, 8 * 4(r13)
        lis     r3, partition@ha
        addi    r3, r3, partition@l
        std     r3, VCPU_PC(r13)
        li      r3, 1
        sldi    r3, r3, 63
        ori     r3, r3, MSR_PARTITION
        std     r3, VCPU_MSR(r13)
        std     r1, HOST_STACK(r13)
        li      r31, SWITCHES
        std     r31, -8(r1)

enter:  mfspr   r13, HSPRG0
        li      r3, PARTITION
        mtspr   LPIDR, r3
        lis     r3, RMLS_256M@h
        mtspr   LPCR, r3
        isync
        ld      r3, VCPU_CR(r13)
        mtcr    r3
        ld      r3, VCPU_LR(r13)
        mtlr    r3
        ld      r3, VCPU_CTR(r13)
        mtctr   r3
        ld      r3, VCPU_PC(r13)
        mtspr   HSRR0, r3
        ld      r3, VCPU_MSR(r13)
        mtspr   HSRR1, r3
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        ld      r\n, 8 * \n(r13)
        .endr
        ld      r13, 8 * 13(r13)
        hrfid

        .global hypervisor_call
hypervisor_call:
        mtspr   HSPRG1, r13
        mfspr   r13, HSPRG0
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        std     r\n, 8 * \n(r13)
        .endr
        mfspr   r3, HSPRG1
        std     r3, 8 * 13(r13)
        mfcr    r3
        std     r3, VCPU_CR(r13)
        mflr    r3
        std     r3, VCPU_LR(r13)
        mfctr   r3
        std     r3, VCPU_CTR(r13)
        mfsrr0  r3
        std     r3, VCPU_PC(r13)
        mfsrr1  r3
        std     r3, VCPU_MSR(r13)
        li      r3, 0
        mtspr   LPIDR, r3
        mtspr   LPCR, r3
        isync
        ld      r1, HOST_STACK(r13)
        ld      r31, -8(r1)
        addic.  r31, r31, -1
        std     r31, -8(r1)
        bne     enter

        ld      r3, 8 * 4(r13)
        li      r2, 0
        .irp    n, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        ld      r\n, 8 * (\n - 8)(r1)
        .endr
        addi    r1, r1, 224
        ld      r0, 16(r1)
        mtlr    r0
        blr
        .size   kernel, . - kernel

# The partition, in real mode without MSR.HV.
partition:
        addi    r3, r3, 1
        rotlwi  r4, r4, 1
        add     r4, r4, r3
        sc      1
        b       partition

        .bss
        .balign 16
vcpu:   .skip   304

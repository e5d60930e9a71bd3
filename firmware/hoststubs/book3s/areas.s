# Virtual processor area and dispatch trace log (PAPR 14.11.1): what is registered takes effect at the vcpu's next entry.
#
# The yield count goes up with each entry and each exit, so that it is even while the vcpu runs. Each entry is also one of the log.

        .equ    VPA_LENGTH, 640
        .equ    VPA_STATUS, 9                   # bit 0x2: the processor is shared
        .equ    VPA_YIELD_COUNT, 0x100
        .equ    VPA_LOG_INDEX, 0x218
        .equ    LOG_ENTRY, 48
        .equ    AREA_LENGTH, 4                  # where a buffer says how long it is

# area_at(r5 = partition real address, r6 = bytes) -> r5 = host address; cr0 says "less" if the partition has no such memory.
        .type   area_at, @function
area_at:
        add     r7, r5, r6
        load64  r0, PARTITION_SIZE
        cmpld   r5, r0
        bge     1f
        cmpld   r0, r7
        address r0, PARTITION
        add     r5, r5, r0
        blr
1:      cmpld   r0, r5                          # less or equal, ...
        bltlr
        crset   lt
        blr
        .size   area_at, . - area_at

        .type   h_register_vpa, @function
h_register_vpa:
        enter   27
        argument r3, 5
        bl      find_vcpu
        cmpdi   r3, 0
        beq     no_area
        mr      r30, r3
        argument r28, 4
        argument r27, 6
        rldicl  r28, r28, 64 - 45, 61
        address r4, area_functions
        sldi    r28, r28, 3
        ldx     r4, r4, r28
        mtctr   r4
        bctr

        .section .rodata, "a"
        .balign 8
area_functions:
        .quad   no_area, register_vpa, register_log, register_shadow, no_area, deregister_vpa, deregister_log, deregister_shadow
        .text

        # The checks that all registrations have in common: aligned, not 0, and as long as the buffer itself says.
        .macro  check_area load, smallest
        cmpdi   r27, 0
        beq     no_area
        andi.   r0, r27, 127
        bne     no_area
        mr      r5, r27
        li      r6, 8
        bl      area_at
        blt     no_area
        \load   r6, AREA_LENGTH(r5)
        cmplwi  r6, \smallest
        blt     no_area
        mr      r5, r27
        bl      area_at
        blt     no_area
        .endm
register_vpa:
        check_area lhz, VPA_LENGTH
        addi    r4, r30, VCPU_VPA
        b       set_area
register_log:
        check_area lwz, LOG_ENTRY
        ld      r4, VCPU_VPA(r30)
        cmpdi   r4, 0
        beq     needs_vpa
        li      r5, LOG_ENTRY
        divdu   r6, r6, r5
        std     r6, VCPU_LOG_SIZE(r30)
        addi    r4, r30, VCPU_LOG
        b       set_area
register_shadow:
        check_area lwz, 8
        ld      r4, VCPU_VPA(r30)
        cmpdi   r4, 0
        beq     needs_vpa
        addi    r4, r30, VCPU_SHADOW
        b       set_area
deregister_vpa:
        ld      r4, VCPU_LOG(r30)
        ld      r5, VCPU_SHADOW(r30)
        or.     r4, r4, r5
        bne     needs_vpa
        li      r27, 0
        addi    r4, r30, VCPU_VPA
        b       set_area
deregister_log:
        li      r27, 0
        addi    r4, r30, VCPU_LOG
        b       set_area
deregister_shadow:
        li      r27, 0
        addi    r4, r30, VCPU_SHADOW
set_area:
        std     r27, 0(r4)
        li      r5, 1
        std     r5, AREA_PENDING(r4)
        li      r3, H_SUCCESS
        leave   27
needs_vpa:
        li      r3, H_RESOURCE
        leave   27
no_area:
        li      r3, H_PARAMETER
        leave   27
        .size   h_register_vpa, . - h_register_vpa

# areas_entered: the vcpu in r31 is about to run.
        .type   areas_entered, @function
areas_entered:
        enter   29
        ld      r3, VCPU_VPA + AREA_PENDING(r31)
        cmpdi   r3, 0
        beq     1f
        li      r0, 0
        std     r0, VCPU_VPA + AREA_PENDING(r31)
        ld      r5, VCPU_VPA(r31)
        std     r5, VCPU_VPA + AREA_USED(r31)
        cmpdi   r5, 0
        beq     1f
        address r0, PARTITION
        add     r5, r5, r0
        lbz     r4, VPA_STATUS(r5)
        ori     r4, r4, 2
        stb     r4, VPA_STATUS(r5)
        li      r4, 1
        stw     r4, VPA_YIELD_COUNT(r5)
1:      ld      r3, VCPU_LOG + AREA_PENDING(r31)
        cmpdi   r3, 0
        beq     2f
        li      r0, 0
        std     r0, VCPU_LOG + AREA_PENDING(r31)
        std     r0, VCPU_LOG_INDEX(r31)
        ld      r5, VCPU_LOG(r31)
        std     r5, VCPU_LOG + AREA_USED(r31)
2:      bl      count_yield
        ld      r30, VCPU_LOG + AREA_USED(r31)
        ld      r29, VCPU_VPA + AREA_USED(r31)
        cmpdi   r30, 0
        beq     3f
        cmpdi   r29, 0
        beq     3f
        # An entry: why, where, when, and what it goes on with.
        address r0, PARTITION
        add     r30, r30, r0
        add     r29, r29, r0
        ld      r3, VCPU_LOG_INDEX(r31)
        ld      r4, VCPU_LOG_SIZE(r31)
        divdu   r5, r3, r4
        mulld   r5, r5, r4
        subf    r5, r5, r3
        mulli   r5, r5, LOG_ENTRY
        add     r30, r30, r5
        li      r0, 0
        std     r0, 8(r30)
        std     r0, 24(r30)
        ld      r4, VCPU_NUMBER(r31)
        lis     r0, 7 << 8                      # reason 7; preempt reason 0; the processor
        or      r4, r4, r0
        stw     r4, 0(r30)
        li      r0, 0
        stw     r0, 4(r30)
        mftb    r4
        std     r4, 16(r30)
        ld      r4, VCPU_PC(r31)
        std     r4, 32(r30)
        ld      r4, VCPU_MSR(r31)
        std     r4, 40(r30)
        lwsync                                  # the entry, then the index that says that it is there
        addi    r3, r3, 1
        std     r3, VCPU_LOG_INDEX(r31)
        std     r3, VPA_LOG_INDEX(r29)
3:      leave   29
        .size   areas_entered, . - areas_entered

# areas_left: the vcpu in r31 has left; r3 is kept. Also what counts at entry.
        .type   areas_left, @function
areas_left:
count_yield:
        ld      r5, VCPU_VPA + AREA_USED(r31)
        cmpdi   r5, 0
        beqlr
        address r0, PARTITION
        add     r5, r5, r0
        lwz     r4, VPA_YIELD_COUNT(r5)
        addi    r4, r4, 1
        stw     r4, VPA_YIELD_COUNT(r5)
        blr
        .size   areas_left, . - areas_left

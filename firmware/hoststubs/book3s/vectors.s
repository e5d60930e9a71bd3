# The host's interrupt vectors. What comes while a partition runs is an exit of it; the host itself expects nothing but what ends
# a nap.

        .section .vectors, "ax"
        .place  .vectors, 0
        .macro  vector address, saved = 0
        .org    \address
        mtspr   SPR_HSPRG1, r13
        mfspr   r13, SPR_HSPRG0
        std     r12, T_R12(r13)
        li      r12, \address | \saved
        b       guest_exit
        .endm
        .equ    HSRR, 2

        .org    system_reset_vector
        mtspr   SPR_HSPRG1, r13
        mfspr   r13, SPR_HSPRG0
        std     r12, T_R12(r13)
        b       system_reset
        vector  machine_check_vector
        vector  data_storage_vector
        vector  data_segment_vector
        vector  instruction_storage_vector
        vector  instruction_segment_vector
        # POWER7 saves in HSRR0 and HSRR1 where an external interrupt is the hypervisor's; the 970 in SRR0 and SRR1.
        .if     POWER7
        vector  external_vector, HSRR
        .else
        vector  external_vector
        .endif
        vector  alignment_vector
        vector  program_vector
        vector  floating_point_unavailable_vector
        vector  decrementer_vector
        vector  hypervisor_decrementer_vector, HSRR
        vector  system_call_vector
        vector  trace_vector
        .if     POWER7
        vector  hypervisor_data_storage_vector, HSRR
        vector  hypervisor_instruction_storage_vector, HSRR
        vector  hypervisor_emulation_assistance_vector, HSRR
        vector  hypervisor_maintenance_vector, HSRR
        .endif
        vector  performance_monitor_vector
        vector  vector_unavailable_vector
        .if     POWER7
        vector  vsx_unavailable_vector
        .endif
        .org    0x1000
        .text

# A nap is over, the host's or one in H_CEDE; or somebody asks for a reset.
        .type   system_reset, @function
system_reset:
        std     r11, T_R11(r13)
        mfcr    r12
        std     r12, T_CR(r13)
        ld      r11, T_WOKEN(r13)
        cmpdi   r11, 0
        beq     1f
        li      r12, 0
        std     r12, T_WOKEN(r13)
        mtctr   r11
        bctr
1:      mtcr    r12
        ld      r11, T_R11(r13)
        li      r12, system_reset_vector
        b       guest_exit
        .size   system_reset, . - system_reset

# host_interrupted(r12 = vector): the end of a nap, or the host's own mistake: it is said, with the address, and the machine is off.
        .type   host_interrupted, @function
host_interrupted:
        ld      r30, T_WOKEN(r13)
        cmpdi   r30, 0
        beq     1f
        li      r0, 0
        std     r0, T_WOKEN(r13)
        mtctr   r30
        bctr
1:      mfsrr0  r30
        andi.   r0, r12, 2
        beq     2f
        mfspr   r30, SPR_HSRR0
2:      clrrdi  r29, r12, 2
        address r1, stack_top
        address r3, text_host
        bl      puts
        mr      r3, r29
        bl      put_hex
        address r3, text_at
        bl      puts
        mr      r3, r30
        bl      put_hex
        b       fail
        .size   host_interrupted, . - host_interrupted

        .section .rodata, "a"
text_host:
        .asciz  "FAIL host: interrupt "
text_at:
        .asciz  " at "
        .text

# The vectors of a suite's tests on Power. Part of suite_power.s.

        .include "suite_power_macros.s"
        .equ    STATE_BLOCK, 32
        .equ    STATE_R0, 40

# Every interrupt is one of a step: it leaves what hardware told about it, and ends the step.
        .section .vectors, "ax"
        .place  .vectors, 0
        .macro  ends_step vector
        .org    \vector
        mtsprg  3, r1
        lis     r1, (suite_state + STATE_R0)@ha
        std     r0, (suite_state + STATE_R0)@l(r1)
        li      r0, \vector
        b       suite_interrupt
        .endm
        # QEMU's pseries enters what stands in the place of its firmware here.
        .org    system_reset_vector
        b       _start
        ends_step machine_check_vector
        ends_step data_storage_vector
        ends_step data_segment_vector
        ends_step instruction_storage_vector
        ends_step instruction_segment_vector
        ends_step external_vector
        ends_step alignment_vector
        ends_step program_vector
        ends_step floating_point_unavailable_vector
        ends_step decrementer_vector
        ends_step system_call_vector
        ends_step trace_vector
        # Without a hypervisor an instruction that there is not comes here on POWER7: a test that has the core to itself gets what a hypervisor
        # would have made of it, its own program interrupt.
        .org    0xE40
        mtspr   304, r3                         # HSPRG0
        mfspr   r3, SPR_HSRR0
        mtsrr0  r3
        mfspr   r3, SPR_HSRR1
        oris    r3, r3, 8                       # illegal
        mtsrr1  r3
        li      r3, program_vector
        mtspr   SPR_HSRR0, r3
        li      r3, 1
        sldi    r3, r3, 63
        ori     r3, r3, 0x1000                  # SF, ME
        mtspr   SPR_HSRR1, r3
        mfspr   r3, 304
        hrfid
        ends_step vector_unavailable_vector
        ends_step vector_unavailable_vector + 0x20     # VSX, where it is
        .org    0x1000
suite_interrupt:
        lis     r1, (suite_state + STATE_BLOCK)@ha
        ld      r1, (suite_state + STATE_BLOCK)@l(r1)
        std     r0, WORD_TRAP(r1)
        mfmsr   r0
        std     r0, WORD_IMSR(r1)
        mfsrr0  r0
        std     r0, WORD_SRR0(r1)
        mfsrr1  r0
        std     r0, WORD_SRR1(r1)
        mfdar   r0
        std     r0, WORD_DAR(r1)
        mfdsisr r0
        std     r0, WORD_DSISR(r1)
        lis     r1, (suite_state + STATE_R0)@ha
        ld      r0, (suite_state + STATE_R0)@l(r1)
        mfsprg  r1, 3
        b       suite_record

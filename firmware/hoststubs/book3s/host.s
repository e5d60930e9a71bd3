# The host: sets up its partition and runs the vcpus in turn (kvmppc_run_vcpu).
#
# What it does about the exits that real mode has left to it is in exits.s, what a user-space program does for a partition in user_space.s.

        # A nap, which ends behind `woken`. On POWER7 a system reset ends it, and little is left of the thread; on the 970 the interrupt
        # that was waited for is taken as ever, and EE has to be on for it.
        .macro  power_saving
        .if     POWER7
        nap
        .else
        mfmsr   r3
        oris    r3, r3, MSR_POW@h
        ori     r3, r3, MSR_EE
        mtmsrd  r3
1:      b       1b
        .endif
        .endm

        .global _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined lr                       # nobody called: a debugger's backtrace ends here
        cmpwi   r3, 0
        bne     secondary
        address r13, threads
        mtspr   SPR_HSPRG0, r13
        address r1, stack_top
        bl      partition_init
        bl      request_interrupt
        bl      create_vcpus
        bl      load_payload
        address r31, vcpus
        li      r4, 0
        bl      start_vcpu
        b       run_partition
        .cfi_endproc
        .size   _start, . - _start

        .type   create_vcpus, @function
create_vcpus:
        address r3, vcpus
        li      r4, 0
1:      std     r4, VCPU_NUMBER(r3)
        li      r5, 0xFF
        std     r5, VCPU_MFRR(r3)
        std     r5, VCPU_PRESENTED_AT(r3)
        load64  r5, 0x7FFFFFFF
        std     r5, VCPU_DEC(r3)
        lis     r5, 1
        stw     r5, VCPU_VSCR + 12(r3)          # NJ, as after a reset
        addi    r3, r3, VCPU_SIZE
        addi    r4, r4, 1
        cmpwi   r4, VCPUS
        blt     1b
        blr
        .size   create_vcpus, . - create_vcpus

# start_vcpu(r31 = vcpu, r3 = entry point, r4 = its r3)
        .type   start_vcpu, @function
start_vcpu:
        std     r3, VCPU_PC(r31)
        std     r4, VCPU_GPR + 24(r31)
        load64  r4, PARTITION_MSR
        std     r4, VCPU_MSR(r31)
        li      r4, 1
        std     r4, VCPU_STARTED(r31)
        li      r4, 0
        std     r4, VCPU_CEDED(r31)
        blr
        .size   start_vcpu, . - start_vcpu

# run_partition: gives the threads of the core to vcpus that can run, in turn; waits while none can.
#     r31 the vcpu   r30 a thread   r29 the first vcpu of the last turn   r28 vcpus without a thread, which may want one before long
        .type   run_partition, @function
run_partition:
        address r29, vcpus
1:      mr      r31, r29
        address r30, threads
        li      r28, 0
        li      r27, VCPUS
2:      bl      next_vcpu
        bl      can_run
        cmpdi   r3, 0
        beq     3f
        address r4, threads
        subf    r4, r4, r30
        li      r5, T_SIZE
        divdu   r4, r4, r5
        bl      threads_there
        cmpd    r4, r3
        bge     3f
        std     r31, T_ASSIGNED(r30)
        cmpdi   r4, 0
        bne     5f
        mr      r29, r31
5:      addi    r30, r30, T_SIZE
        li      r3, 1
        std     r3, VCPU_RUNNING(r31)
        bl      areas_entered
        b       4f
3:      ld      r3, VCPU_STARTED(r31)
        add     r28, r28, r3
4:      addi    r27, r27, -1
        cmpwi   r27, 0
        bne     2b
        address r4, threads
        cmpld   r30, r4
        bne     6f
        bl      wait
        b       1b

        # With somebody else there, the hypervisor decrementer ends the turn.
6:      lis     r3, 0x7FFF
        cmpwi   r28, 0
        beq     7f
        li      r3, QUANTUM
7:      address r4, hypervisor_time
        stw     r3, 0(r4)
        bl      wake_secondaries
        mr      r3, r29
        bl      guest_entry

        # All are out: whatever each left for, one after the other.
        address r31, vcpus
        li      r27, VCPUS
8:      ld      r3, VCPU_RUNNING(r31)
        cmpdi   r3, 0
        beq     9f
        li      r3, 0
        std     r3, VCPU_RUNNING(r31)
        bl      areas_left
        ld      r3, VCPU_TRAP(r31)
        cmpdi   r3, 0
        beq     9f
        bl      handle_exit
9:      addi    r31, r31, VCPU_SIZE
        addi    r27, r27, -1
        cmpwi   r27, 0
        bne     8b
        b       1b
        .size   run_partition, . - run_partition

# threads_there -> r3: threads of the core.
threads_there:
        .if     POWER7
        address r3, vcore
        ld      r3, VCORE_THREADS(r3)
        .else
        li      r3, 1
        .endif
        blr
        .if     !POWER7
wake_secondaries:
        blr
secondary:
        b       sleep_for_good
        .endif

# r31 = the vcpu behind r31, the first behind the last.
        .type   next_vcpu, @function
next_vcpu:
        addi    r31, r31, VCPU_SIZE
        address r3, vcpus + VCPUS * VCPU_SIZE
        cmpld   r31, r3
        bltlr
        address r31, vcpus
        blr
        .size   next_vcpu, . - next_vcpu

# can_run(r31 = vcpu) -> r3: started, and not waiting any more. An external interrupt or its decrementer ends a cede; a prod has
# ended it already.
        .type   can_run, @function
can_run:
        ld      r3, VCPU_STARTED(r31)
        ld      r4, VCPU_CEDED(r31)
        cmpdi   r4, 0
        beqlr
        ld      r5, VCPU_EXTERNAL(r31)
        cmpdi   r5, 0
        bne     1f
        ld      r5, VCPU_DEC(r31)
        mftb    r6
        cmpd    r6, r5
        li      r3, 0
        blelr
1:      li      r3, 0
        std     r3, VCPU_CEDED(r31)
        li      r3, 1
        blr
        .size   can_run, . - can_run

# wait: naps until the first decrementer of a vcpu that has ceded is due.
        .type   wait, @function
wait:
        enter   30
        load64  r5, 0x7FFFFFFF
        mftb    r7
        address r30, vcpus
        li      r6, VCPUS
1:      ld      r3, VCPU_CEDED(r30)
        cmpdi   r3, 0
        beq     2f
        ld      r3, VCPU_DEC(r30)
        subf    r3, r7, r3
        cmpd    r3, r5
        bge     2f
        mr      r5, r3
2:      addi    r30, r30, VCPU_SIZE
        addi    r6, r6, -1
        cmpwi   r6, 0
        bne     1b
        mtdec   r5
        std     r1, T_STACK(r13)
        address r3, woken
        std     r3, T_WOKEN(r13)
        power_saving
        .size   wait, . - wait
woken:  # Nothing but memory is to be relied on behind a nap.
        ld      r1, T_STACK(r13)
        leave   30

        .data
        .balign 4
hypervisor_time:
        .long   0
        .bss
        .balign 128
threads:
        .skip   T_SIZE * 8
        .balign 4096
vcpus:  .skip   VCPU_SIZE * VCPUS
        .balign 16
        .skip   STACK * 8
stack_top:
        .skip   256
        .text

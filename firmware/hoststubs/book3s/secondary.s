# Threads of the core but the primary: idle in the host, until they are given a vcpu, or until there is work.

        .equ    ABOUT, 0x600D                   # what a thread of the host is about, and its number: in r14 while it is idle

# secondary(r3 = number of the thread): a thread of the host begins here. It has no work until the end.
        .type   secondary, @function
secondary:
        cmpwi   r3, VCPUS
        bge     sleep_for_good                  # of another core
        mulli   r13, r3, T_SIZE
        address r4, threads
        add     r13, r13, r4
        std     r3, T_NUMBER(r13)
        mtspr   SPR_HSPRG0, r13
        mulli   r1, r3, -STACK                  # a stack for each thread
        address r4, stack_top
        add     r1, r1, r4
        addi    r14, r3, ABOUT
        bl      withdraw_interrupt
        address r5, vcore + VCORE_THREADS
        bl      add_one
        bl      idle
        # Work has come: it goes on with its registers as they were, whatever its thread was used for meanwhile.
        ld      r3, T_NUMBER(r13)
        addi    r3, r3, ABOUT
        cmpd    r3, r14
        beq     1f
        address r3, text_lost
        bl      puts
1:      address r5, vcore + VCORE_WORKED
        bl      add_one
        b       sleep_for_good
        .size   secondary, . - secondary

# idle: dozes until there is work. A thread that is woken for a guest never comes back from there: what it held is in its frame alone.
        .type   idle, @function
idle:
        enter   14
        std     r1, T_IDLE(r13)
doze_in_host:
        load64  r4, LPCR_PECE0                  # interprocessor interrupts end it, decrementers do not
        mtspr   SPR_LPCR, r4
        address r4, secondary_woken
        std     r4, T_WOKEN(r13)
        doze
secondary_woken:
        ld      r1, T_IDLE(r13)
        mfsrr1  r6
        bl      withdraw_interrupt
        ld      r3, T_ASSIGNED(r13)
        cmpdi   r3, 0
        bne     1f
        ld      r4, T_WORK(r13)
        cmpdi   r4, 0
        beq     doze_in_host
        # SRR1 46:47 tell what the last doze has kept: everything. That a guest had the thread before, the host's flag tells.
        rlwinm  r6, r6, 16, 30, 31
        ld      r4, T_STATE_LOST(r13)
        xori    r6, r6, 1
        or.     r4, r4, r6
        beq     2f
        leave   14
2:      addi    r1, r1, 256
        ld      r0, 16(r1)
        mtlr    r0
        blr
1:      li      r4, 1
        .global flag_state_lost
flag_state_lost:
        std     r4, T_STATE_LOST(r13)
        b       guest_entry_of_secondary
secondary_back:
        li      r3, 0
        std     r3, T_ASSIGNED(r13)
        bl      withdraw_interrupt
        lwsync                                  # what it did, then that it has done so
        address r5, vcore + VCORE_NAPPING
        bl      add_one
        b       doze_in_host
        .size   idle, . - idle

# end_of_work: the primary has the other threads come back from idle, and waits until they have.
        .type   end_of_work, @function
end_of_work:
        enter   28
        address r30, threads
        address r29, vcore
        li      r28, 1
1:      ld      r3, VCORE_THREADS(r29)
        cmpd    r28, r3
        bge     2f
        addi    r30, r30, T_SIZE
        li      r3, 1
        std     r3, T_WORK(r30)
        lwsync
        mr      r4, r28
        bl      send_interrupt
        addi    r28, r28, 1
        b       1b
2:      ld      r4, VCORE_WORKED(r29)
        addi    r4, r4, 1
        cmpd    r4, r3
        bne     2b
        leave   28
        .size   end_of_work, . - end_of_work

        .section .rodata, "a"
text_lost:
        .asciz  "FAIL host: a secondary thread has lost its registers\n"
        .text

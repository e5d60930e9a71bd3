# A virtual core on POWER7: up to four vcpus on the threads of one core, which share what describes the partition.
#
# Thread 0 is the primary: it decides what the core does, and is the one that changes the partition's registers. The others doze in the host;
# an interprocessor interrupt wakes each that is given a vcpu. All are in the partition or all in the host: the first that leaves sets the
# hypervisor decrementer to zero, which takes the others out, and sends an interprocessor interrupt to those that nap in H_CEDE.
# A nap leaves nothing of a thread but its hypervisor registers (HSPRG0 is how it finds its block again).
#
# First reading: core_in, begin_exit, core_out; then secondary.s and cede.s.

        .equ    PRESENTATION, 0x8000100000      # a presentation controller for each PIR, a page each
        .equ    ICP_CPPR, 4
        .equ    ICP_MFRR, 12

        # The virtual core. Its first doubleword changes by reservation alone: bits 56:63 threads that entered, 48:55 threads that began to
        # leave, 44:47 those that nap.
        .equ    VCORE_STATE, 0
        .equ    VCORE_IN_PARTITION, 8           # the primary has given the core to the partition
        .equ    VCORE_WOKEN, 16                 # threads that it has woken for that
        .equ    VCORE_NAPPING, 24               # how many of them doze in the host again
        .equ    VCORE_THREADS, 32               # threads that are there
        .equ    VCORE_WORKED, 40                # secondaries that have come back from idle
        .equ    ENTERED, 0xFF
        .equ    EXITS, 0xFF00
        .equ    ONE_EXIT, 0x100
        .equ    NAPPING_SHIFT, 16
        .data
        .balign 8
vcore:  .quad   0, 0, 0, 0, 1, 0
        .text

# add_one(r5 = address of a doubleword): by reservation; r6, r7 are lost.
        .type   add_one, @function
add_one:
        ldarx   r6, 0, r5
        addi    r7, r6, 1
        stdcx.  r7, 0, r5
        bne-    add_one
        blr
        .size   add_one, . - add_one

# own_controller: r5 = this thread's presentation controller. send_interrupt(r4 = thread), withdraw_interrupt: requests of priority 0.
        .type   own_controller, @function
own_controller:
        ld      r4, T_NUMBER(r13)
controller_of:
        load64  r5, PRESENTATION
        sldi    r4, r4, 12
        add     r5, r5, r4
        blr
        .size   own_controller, . - own_controller
        .type   send_interrupt, @function
send_interrupt:
        mflr    r0
        bl      controller_of
        mtlr    r0
        li      r4, 0
        stb     r4, ICP_MFRR(r5)
        blr
        .size   send_interrupt, . - send_interrupt
        .type   withdraw_interrupt, @function
withdraw_interrupt:
        mflr    r0
        bl      own_controller
        mtlr    r0
        li      r4, LEAST_FAVOURED
        stb     r4, ICP_CPPR(r5)
        stb     r4, ICP_MFRR(r5)
        blr
        .size   withdraw_interrupt, . - withdraw_interrupt

# In and out ---------------------------------------------------------------------------------------------------------------------------

# core_in(r3 = vcpu), keeps r3; cr0 says "equal" if the thread is in: one that comes when an exit has begun is too late.
        .type   core_in, @function
core_in:
        address r5, vcore
        ld      r4, T_NUMBER(r13)
        cmpdi   r4, 0
        bne     1f
        mflr    r11
        bl      partition_in
        mtlr    r11
        address r5, vcore
        li      r6, 1
        std     r6, VCORE_STATE(r5)
        lwsync
        std     r6, VCORE_IN_PARTITION(r5)
        b       2f
1:      ldarx   r6, 0, r5
        ld      r7, VCORE_IN_PARTITION(r5)
        cmpdi   r7, 0
        beq     1b
        andi.   r0, r6, EXITS
        bnelr
        addi    r6, r6, 1
        stdcx.  r6, 0, r5
        bne-    1b
        isync
2:      cmpd    r3, r3
        blr
        .size   core_in, . - core_in

# begin_exit: counts this thread as one that leaves; the first one takes the others out.
        .type   begin_exit, @function
begin_exit:
        address r5, vcore
1:      ldarx   r6, 0, r5
        addi    r7, r6, ONE_EXIT
        stdcx.  r7, 0, r5
        bne-    1b
        andi.   r0, r6, EXITS
        bnelr
        li      r7, 0
        mtspr   SPR_HDEC, r7
        mflr    r11
        srdi    r8, r6, NAPPING_SHIFT
        li      r9, 0
2:      andi.   r0, r8, 1
        beq     3f
        mr      r4, r9
        bl      send_interrupt
3:      srdi    r8, r8, 1
        addi    r9, r9, 1
        cmpwi   r9, VCPUS
        blt     2b
        mtlr    r11
        blr
        .size   begin_exit, . - begin_exit

# core_out: the thread has saved its vcpu. The primary waits for all others, and takes the core back.
        .type   core_out, @function
core_out:
        load64  r4, LPCR_COMMON
        mtspr   SPR_LPCR, r4
        ld      r4, T_NUMBER(r13)
        cmpdi   r4, 0
        bnelr
        address r5, vcore
1:      ld      r6, VCORE_WOKEN(r5)
        ld      r7, VCORE_NAPPING(r5)
        cmpd    r6, r7
        or      r1, r1, r1                      # low priority: the others have work to do
        bne     1b
        or      r2, r2, r2
        isync
        li      r6, 0
        std     r6, VCORE_IN_PARTITION(r5)
        b       partition_out
        .size   core_out, . - core_out

# wake_secondaries: the vcpus of T_ASSIGNED, but for thread 0's, are to run.
        .type   wake_secondaries, @function
wake_secondaries:
        enter   28
        address r5, vcore
        li      r4, 0
        std     r4, VCORE_STATE(r5)
        std     r4, VCORE_WOKEN(r5)
        std     r4, VCORE_NAPPING(r5)
        bl      withdraw_interrupt
        address r30, threads + T_SIZE
        li      r29, 1
1:      ld      r4, T_ASSIGNED(r30)
        cmpdi   r4, 0
        beq     2f
        address r5, vcore + VCORE_WOKEN
        bl      add_one
        lwsync
        mr      r4, r29
        bl      send_interrupt
2:      addi    r30, r30, T_SIZE
        addi    r29, r29, 1
        cmpwi   r29, VCPUS
        blt     1b
        leave   28
        .size   wake_secondaries, . - wake_secondaries

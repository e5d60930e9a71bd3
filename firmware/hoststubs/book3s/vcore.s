# A virtual core on POWER7: up to four vcpus on the threads of one core, which share what describes the partition.
#
# Thread 0 is the primary: it decides what the core does, and is the one that changes the partition's registers. The others doze in the host;
# an interprocessor interrupt wakes each that is given a vcpu. All are in the partition or all in the host: the first that leaves sets the
# hypervisor decrementer to zero, which takes the others out, and sends an interprocessor interrupt to those that nap in H_CEDE.
# A nap leaves nothing of a thread but its hypervisor registers (HSPRG0 is how it finds its block again).
#
# First reading: core_in, begin_exit, core_out; then cede_in_real_mode.

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

# Secondary threads ------------------------------------------------------------------------------------------------------------------

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
        load64  r4, 0x4000                      # PECE0: interprocessor interrupts end it, decrementers do not
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

# H_CEDE -----------------------------------------------------------------------------------------------------------------------------------

# The thread naps while others of its core run. The last one that would nap leaves instead, and the core waits in the host.
#     r30: the call's record in the trace
        .type   cede_in_real_mode, @function
cede_in_real_mode:
        ld      r4, VCPU_PRODDED(r31)
        ld      r5, VCPU_EXTERNAL(r31)
        or.     r4, r4, r5
        li      r3, H_TOO_HARD
        bnelr
        ld      r8, T_NUMBER(r13)
        addi    r8, r8, NAPPING_SHIFT
        li      r7, 1
        sld     r8, r7, r8
        address r5, vcore
1:      ldarx   r6, 0, r5
        andi.   r0, r6, EXITS
        bnelr
        or      r7, r6, r8
        srdi    r9, r7, NAPPING_SHIFT
        popcntd r9, r9
        clrldi  r10, r6, 56
        cmpd    r9, r10
        bgelr
        stdcx.  r7, 0, r5
        bne-    1b

        ld      r4, VCPU_MSR(r31)
        ori     r4, r4, MSR_EE
        std     r4, VCPU_MSR(r31)
        li      r4, 1
        std     r4, VCPU_CEDED(r31)
        li      r3, H_SUCCESS
        result  3, r3
        mr      r3, r30
        bl      trace_answer
        mr      r3, r31
        bl      thread_out
nap_in_partition:
        load64  r4, LPCR_PARTITION & ~1         # no hypervisor decrementer: exits come by interprocessor interrupt
        mtspr   SPR_LPCR, r4
        address r4, cede_woken
        std     r4, T_WOKEN(r13)
        nap
cede_woken:
        ld      r31, T_VCPU(r13)
        ld      r1, T_STACK(r13)
        bl      withdraw_interrupt
        ld      r8, T_NUMBER(r13)
        addi    r8, r8, NAPPING_SHIFT
        li      r7, 1
        sld     r8, r7, r8
        address r5, vcore
        mfdec   r4
        extsw   r4, r4
2:      ldarx   r6, 0, r5
        andi.   r0, r6, EXITS
        mcrf    cr1, cr0
        bne     3f
        cmpdi   r4, 0
        bge     nap_in_partition
3:      andc    r7, r6, r8
        stdcx.  r7, 0, r5
        bne-    2b
        isync
        bne     cr1, 4f
        # Its decrementer: it goes on, with all that the nap has lost.
        li      r4, 0
        std     r4, VCPU_CEDED(r31)
        mr      r3, r31
        bl      thread_in
        b       guest_resume
        # Taken out: it waits on, in the host. Its state is saved already.
4:      li      r4, 0
        std     r4, VCPU_TRAP(r31)
        bl      begin_exit
        b       guest_left
        .size   cede_in_real_mode, . - cede_in_real_mode

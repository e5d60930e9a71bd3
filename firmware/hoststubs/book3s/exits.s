# What the host does about an exit: the table, and the calls of the kernel's level (kvmppc_handle_exit, kvmppc_pseries_do_hcall).

# handle_exit(r3 = vector): for the vcpu in r31, by a table. What it does not have ends the host with a register dump.
        .type   handle_exit, @function
handle_exit:
        enter   30
        address r4, exits
1:      ld      r5, 0(r4)
        cmpd    r5, r3
        beq     2f
        cmpdi   r5, 0
        beq     unknown_exit
        addi    r4, r4, 16
        b       1b
2:      ld      r5, 8(r4)
        mtctr   r5
        bctrl
        leave   30
        .size   handle_exit, . - handle_exit

        .section .rodata, "a"
        .balign 8
exits:
        .quad   system_call_vector, call_of_kernel
        .quad   external_vector, host_external
        .quad   hypervisor_decrementer_vector, nothing
        .quad   performance_monitor_vector, nothing
        .quad   program_vector, program_again
        .if     POWER7
        .quad   hypervisor_data_storage_vector, access_device
        .endif
        .quad   0, 0
        .text

nothing:
        blr

# The host's own interrupt: the serial port has sent what it was given. It was asked for once, so that there is one.
        .type   request_interrupt, @function
request_interrupt:
        .if     POWER7
        load64  r4, UART
        li      r3, 2
        stb     r3, UART_IER(r4)
        .endif
        blr
        .size   request_interrupt, . - request_interrupt
        .type   host_external, @function
host_external:
        load64  r4, UART
        lbz     r3, UART_IIR(r4)
        li      r3, 0
        stb     r3, UART_IER(r4)
        blr
        .size   host_external, . - host_external

# A program interrupt that left the partition (of a kind that a debugger could have asked for): it gets it, with its flags.
program_again:
        ld      r4, VCPU_REASON(r31)
        rlwinm  r4, r4, 0, 0x1F0000
        ld      r5, VCPU_PC(r31)
        ld      r6, VCPU_MSR(r31)
        or      r6, r6, r4
        std     r5, VCPU_SPRS(r31)
        std     r6, VCPU_SPRS + 8(r31)
        li      r3, program_vector
        std     r3, VCPU_PC(r31)
        load64  r3, PARTITION_MSR
        std     r3, VCPU_MSR(r31)
        blr

# Calls of the kernel's level; all others are user space's. ------------------------------------------------------------------------

        .type   call_of_kernel, @function
call_of_kernel:
        enter   28
        bl      trace_call
        mr      r30, r3
        ld      r3, VCPU_GPR + 24(r31)
        cmpldi  r3, H_CEDE
        beq     1f
        cmpldi  r3, H_PROD
        beq     2f
        cmpldi  r3, H_CONFER
        beq     3f
        cmpldi  r3, H_REGISTER_VPA
        beq     4f
        bl      call_of_user
        b       5f
1:      bl      h_cede
        b       5f
2:      bl      h_prod
        b       5f
3:      bl      h_confer
        b       5f
4:      bl      h_register_vpa
5:      result  3, r3
        mr      r3, r30
        bl      trace_answer
        leave   28
        .size   call_of_kernel, . - call_of_kernel

# Waits, unless a prod came before. Interrupts are enabled, as PAPR has it.
        .type   h_cede, @function
h_cede:
        ld      r4, VCPU_MSR(r31)
        ori     r4, r4, MSR_EE
        std     r4, VCPU_MSR(r31)
        ld      r4, VCPU_PRODDED(r31)
        xori    r5, r4, 1
        std     r5, VCPU_CEDED(r31)
        li      r3, H_SUCCESS
        std     r3, VCPU_PRODDED(r31)
        blr
        .size   h_cede, . - h_cede

# find_vcpu(r3 = number) -> r3; 0: there is none.
        .type   find_vcpu, @function
find_vcpu:
        cmpldi  r3, VCPUS
        bge     1f
        mulli   r3, r3, VCPU_SIZE
        address r4, vcpus
        add     r3, r3, r4
        blr
1:      li      r3, 0
        blr
        .size   find_vcpu, . - find_vcpu

        .type   h_prod, @function
h_prod:
        enter
        argument r3, 4
        bl      find_vcpu
        cmpdi   r3, 0
        mr      r4, r3
        li      r3, H_PARAMETER
        beq     2f
        ld      r5, VCPU_CEDED(r4)
        xori    r6, r5, 1
        std     r6, VCPU_PRODDED(r4)
        li      r3, 0
        std     r3, VCPU_CEDED(r4)
2:      leave
        .size   h_prod, . - h_prod

# The core goes to whoever comes next in any case.
        .type   h_confer, @function
h_confer:
        enter
        argument r3, 4
        cmpdi   r3, -1
        beq     1f
        bl      find_vcpu
        cmpdi   r3, 0
        li      r3, H_PARAMETER
        beq     2f
1:      li      r3, H_SUCCESS
2:      leave
        .size   h_confer, . - h_confer

# Accesses to devices: the instruction is decoded by hand (as kvmppc_emulate_instruction does), performed at the device, and the
# vcpu goes on behind it.
#
# The partition's devices are the machine's: an access to partition real address A is one to real address A.

        # Attributes: bytes, and what else there is to it.
        .equ    STORE, 0x10
        .equ    UPDATE, 0x20
        .equ    ALGEBRAIC, 0x40
        .equ    REVERSED, 0x80

# access_device: the access that the vcpu in r31 has left with.
#     r30 attributes   r29 RT or RS   r28 RA   r27 real address   r26 data
        .type   access_device, @function
access_device:
        enter   23
        lwz     r3, VCPU_WORD + 4(r31)
        rlwinm  r29, r3, 11, 27, 31
        rlwinm  r28, r3, 16, 27, 31
        ld      r27, VCPU_REAL(r31)
        # A key for the table: the primary opcode, 64 + its last two bits for DS forms, 128 + the extended opcode for X forms.
        srwi    r4, r3, 26
        cmpwi   r4, 31
        beq     1f
        cmpwi   r4, 58
        beq     2f
        cmpwi   r4, 62
        bne     3f
2:      rlwinm  r5, r3, 0, 30, 31
        sldi    r4, r4, 2
        add     r4, r4, r5
        b       3f
1:      rlwinm  r4, r3, 31, 22, 31
        ori     r4, r4, 0x800
3:      address r5, forms
4:      lhz     r6, 0(r5)
        lhz     r30, 2(r5)
        cmpwi   r6, 0
        li      r3, hypervisor_data_storage_vector
        beq     unknown_exit
        addi    r5, r5, 4
        cmpw    r6, r4
        bne     4b

        sldi    r4, r29, 3
        add     r4, r4, r31
        ld      r26, VCPU_GPR(r4)
        andi.   r25, r30, 0xF
        andi.   r0, r30, STORE
        beq     5f
        bl      reverse
        bl      device_store
        b       6f
5:      bl      device_load
        bl      reverse
        andi.   r0, r30, ALGEBRAIC
        beq     7f
        cmpwi   r25, 2
        extsw   r26, r26
        bne     7f
        extsh   r26, r26
7:      sldi    r4, r29, 3
        add     r4, r4, r31
        std     r26, VCPU_GPR(r4)
        # An update form leaves the effective address in RA.
6:      andi.   r0, r30, UPDATE
        beq     8f
        ld      r3, VCPU_FAULT(r31)
        sldi    r4, r28, 3
        add     r4, r4, r31
        std     r3, VCPU_GPR(r4)
8:      ld      r3, VCPU_PC(r31)
        addi    r3, r3, 4
        std     r3, VCPU_PC(r31)
        leave   23
        .size   access_device, . - access_device

# Byte-reversed forms: r26 the other way round.
        .type   reverse, @function
reverse:
        andi.   r0, r30, REVERSED
        beqlr
        address r3, swap_area
        std     r26, 0(r3)
        ldbrx   r26, 0, r3
        li      r4, 8
        subf    r4, r25, r4
        sldi    r4, r4, 3
        srd     r26, r26, r4
        blr
        .size   reverse, . - reverse

# The access itself, and its record in the trace: address, bytes, direction, data.
        .type   device_load, @function
device_load:
        mflr    r24
        cmpwi   r25, 2
        blt     1f
        beq     2f
        cmpwi   r25, 4
        beq     3f
        ld      r26, 0(r27)
        b       4f
1:      lbz     r26, 0(r27)
        b       4f
2:      lhz     r26, 0(r27)
        b       4f
3:      lwz     r26, 0(r27)
4:      li      r23, 0
        b       trace_access
        .size   device_load, . - device_load

        .type   device_store, @function
device_store:
        mflr    r24
        cmpwi   r25, 2
        blt     1f
        beq     2f
        cmpwi   r25, 4
        beq     3f
        std     r26, 0(r27)
        b       4f
1:      clrldi  r26, r26, 56
        stb     r26, 0(r27)
        b       4f
2:      clrldi  r26, r26, 48
        sth     r26, 0(r27)
        b       4f
3:      clrldi  r26, r26, 32
        stw     r26, 0(r27)
4:      li      r23, 1
trace_access:
        li      r3, TRACE_ACCESS
        mr      r4, r27
        bl      trace
        std     r25, 24(r3)
        std     r23, 32(r3)
        std     r26, 40(r3)
        mtlr    r24
        blr
        .size   device_store, . - device_store

        .section .rodata, "a"
        .balign 2
        .macro  form key, attributes
        .2byte  \key, \attributes
        .endm
        .equ    DS, 4
        .equ    X, 0x800
forms:
        form    34, 1
        form    35, 1 | UPDATE
        form    40, 2
        form    41, 2 | UPDATE
        form    42, 2 | ALGEBRAIC
        form    43, 2 | ALGEBRAIC | UPDATE
        form    32, 4
        form    33, 4 | UPDATE
        form    38, 1 | STORE
        form    39, 1 | STORE | UPDATE
        form    44, 2 | STORE
        form    45, 2 | STORE | UPDATE
        form    36, 4 | STORE
        form    37, 4 | STORE | UPDATE
        form    58 * DS, 8
        form    58 * DS + 1, 8 | UPDATE
        form    58 * DS + 2, 4 | ALGEBRAIC
        form    62 * DS, 8 | STORE
        form    62 * DS + 1, 8 | STORE | UPDATE
        form    X + 87, 1
        form    X + 119, 1 | UPDATE
        form    X + 279, 2
        form    X + 311, 2 | UPDATE
        form    X + 343, 2 | ALGEBRAIC
        form    X + 375, 2 | ALGEBRAIC | UPDATE
        form    X + 23, 4
        form    X + 55, 4 | UPDATE
        form    X + 341, 4 | ALGEBRAIC
        form    X + 373, 4 | ALGEBRAIC | UPDATE
        form    X + 21, 8
        form    X + 53, 8 | UPDATE
        form    X + 215, 1 | STORE
        form    X + 247, 1 | STORE | UPDATE
        form    X + 407, 2 | STORE
        form    X + 439, 2 | STORE | UPDATE
        form    X + 151, 4 | STORE
        form    X + 183, 4 | STORE | UPDATE
        form    X + 149, 8 | STORE
        form    X + 181, 8 | STORE | UPDATE
        form    X + 790, 2 | REVERSED
        form    X + 534, 4 | REVERSED
        form    X + 532, 8 | REVERSED
        form    X + 918, 2 | STORE | REVERSED
        form    X + 662, 4 | STORE | REVERSED
        form    X + 660, 8 | STORE | REVERSED
        form    0, 0
        .bss
        .balign 8
swap_area:
        .skip   8
        .text

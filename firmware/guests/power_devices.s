# Two vcpus that access a device at the same time, with every kind of access.
#
# Each access to a page that is not memory leaves for user space, and comes back with the device's answer to that vcpu: what one has left
# with is no business of the other's. Here both go round a loop with registers of their own of the machine's serial port.

        .text
        .equ    UART, 0x8000000000
        .equ    LSR, 5                          # line status: 0x60, transmitter empty
        .equ    MODEM_STATUS, 6                 # 0xB0
        .equ    SCRATCH, 7
        .equ    WINDOW, 0xD0000000
        .equ    VSID, 0x123
        .equ    INDEX, 0x918
        .equ    FIRST, 0x0000000000123001
        .equ    ROUNDS, 8

        .include "../lib/power_guest.s"

        main_begins
        far_decrementer
        enter_page H_EXACT, INDEX, FIRST, UART | 0x2A
        check   1, r3, H_SUCCESS
        segment 1, WINDOW, VSID
        li      r28, 1
        start_thread r28, thread
        check   2, r4, RTAS_SUCCESS

        load64  r28, WINDOW
        li      r27, 0
        bl      data_translation_on
1:      # The scratch register keeps what is stored, by each form of a store; nobody else uses it.
        ori     r26, r27, 0x80
        addi    r23, r28, 0
        stb     r26, SCRATCH(r28)
        lbz     r22, SCRATCH(r28)
        li      r31, 3
        cmpw    r22, r26
        bne     failed
        li      r21, SCRATCH
        addi    r26, r26, 1
        stbx    r26, r28, r21
        lbzx    r22, r28, r21
        li      r31, 4
        cmpw    r22, r26
        bne     failed
        # With update: the base becomes the address.
        addi    r26, r26, 1
        stbu    r26, SCRATCH(r23)
        subf    r20, r28, r23
        li      r31, 5
        cmpdi   r20, SCRATCH
        bne     failed
        mr      r23, r28
        lbzux   r22, r23, r21
        li      r31, 6
        cmpw    r22, r26
        bne     failed
        subf    r20, r28, r23
        cmpdi   r20, SCRATCH
        bne     failed
        mr      r23, r28
        addi    r26, r26, 1
        stbux   r26, r23, r21
        mr      r23, r28
        lbzu    r22, SCRATCH(r23)
        li      r31, 7
        cmpw    r22, r26
        bne     failed
        addi    r27, r27, 1
        cmpwi   r27, ROUNDS
        blt     1b

        # The other one has seen its own answers, and no other.
        bl      data_translation_off
        address r26, done
        load64  r27, 200000
2:      li      r31, 8
        addi    r27, r27, -1
        cmpdi   r27, 0
        beq     failed
        ld      r3, 0(r26)
        cmpdi   r3, 0
        beq     2b
        ld      r31, 8(r26)
        b       finished
failed: bl      data_translation_off
finished:
        main_returns

        .type   thread, @function
thread:
        far_decrementer
        segment 1, WINDOW, VSID
        load64  r28, WINDOW
        li      r27, 0
        bl      data_translation_on
1:      lbz     r26, LSR(r28)
        li      r31, 9
        cmpwi   r26, 0x60
        bne     2f
        li      r21, MODEM_STATUS
        lbzx    r26, r28, r21
        li      r31, 10
        cmpwi   r26, 0xB0
        bne     2f
        addi    r27, r27, 1
        cmpwi   r27, ROUNDS
        blt     1b
        li      r31, 0
2:      bl      data_translation_off
        address r26, done
        std     r31, 8(r26)
        li      r3, 1
        std     r3, 0(r26)
3:      cede
        b       3b
        .size   thread, . - thread

        guest_is power_devices

        .data
        .balign 8
done:   .quad   0, 0                            # whether the other one is done, and what it has found

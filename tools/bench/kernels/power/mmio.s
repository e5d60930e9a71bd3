# 1000 loads from the serial port's line status register, through a page whose entry the hypervisor keeps absent.

        .text
        .equ    LOADS, 1000
        .equ    UART, 0x8000000000              # beyond every memory slot
        .equ    LSR, 5                          # its line status register
        .equ    VSID, 0x123
        .equ    INDEX, 0x918                    # hash VSID ^ page, times eight entries a group
        .equ    FIRST, 0x123001
        .equ    MSR_DR, 0x10
        .global kernel
        .type   kernel, @function
kernel:
        # Segment 0xD in SLB entry 1.
        lis     r4, 0xD800
        clrldi  r4, r4, 32
        ori     r4, r4, 1
        lis     r5, (VSID << 12)@h
        ori     r5, r5, (VSID << 12)@l
        slbmte  r5, r4
        isync
        # In later runs the entry is there already, which is as good.
        li      r3, H_ENTER
        lis     r4, H_EXACT@h
        ori     r4, r4, H_EXACT@l
        li      r5, INDEX
        lis     r6, FIRST@h
        ori     r6, r6, FIRST@l
        li      r7, UART >> 32
        sldi    r7, r7, 32
        ori     r7, r7, 0x2A                    # caching inhibited, guarded, read and write
        sc      1

        lis     r6, 0xD000
        clrldi  r6, r6, 32
        li      r0, LOADS
        mtctr   r0
        li      r3, 0
        mfmsr   r4
        ori     r5, r4, MSR_DR
        mtmsrd  r5
        isync
1:      lbz     r7, LSR(r6)
        extrwi  r7, r7, 1, 26                   # transmitter empty, as ever
        rotlwi  r3, r3, 1
        add     r3, r3, r7
        bdnz    1b
        mtmsrd  r4
        isync
        blr
        .size   kernel, . - kernel

# The partition's registers of a 970: HID4 has LPID, real mode offset and limit, LPES. It has no virtual real mode area, and no storage
# interrupt of the partition comes to the host. LPID 0x3F is reserved for a core that is between two partitions.

        # LPES1: interrupts but the external ones are the partition's. The offset is counted in 64 MB; limit selector 4: 256 MB.
        .equ    HID4_PARTITION, (PARTITION >> 26) * (HID4_RMOR & -HID4_RMOR) | HID4_LPES1 | HID4_RMLS0 | LPID * (HID4_LPID5 & -HID4_LPID5)
        .equ    HID4_BETWEEN, HID4_LPID5 | HID4_LPID1

# partition_in, keeps r3.
        .type   partition_in, @function
partition_in:
        load64  r4, HID4_BETWEEN
        mtspr   SPR_HID4, r4
        isync
        address r4, PAGE_TABLE + TABLE_ORDER - 18
        mtspr   SPR_SDR1, r4
        load64  r4, HID4_PARTITION
        mtspr   SPR_HID4, r4
        isync
        # The TLB does not know partitions: nothing of the last one may be left.
        li      r4, 0
        tlbia
        address r4, hypervisor_time
        lwz     r4, 0(r4)
        mtspr   SPR_HDEC, r4
        load64  r4, HID0_HDICE | HID0_NAP
        mtspr   SPR_HID0, r4
        isync
        blr
        .size   partition_in, . - partition_in

# control_in(r3 = vcpu), keeps r3.
        .type   control_in, @function
control_in:
        # There is no LPCR.MER: for a vcpu that waits for an external interrupt the host requests one of its own core. MSR.EE holds off the
        # host's as well as the partition's, so it comes when the partition can take one. Here the serial port requests it.
        ld      r4, VCPU_EXTERNAL(r3)
        cmpdi   r4, 0
        beq     1f
        li      r4, 2
1:      load64  r5, UART
        stb     r4, UART_IER(r5)
        blr
        .size   control_in, . - control_in

# One thread a core: it is in with the partition, and out with it.
core_in:
        mflr    r11
        bl      partition_in
        mtlr    r11
        cmpd    r3, r3
begin_exit:
        blr
        .equ    core_out, partition_out

        .type   partition_out, @function
partition_out:
        load64  r4, UART
        li      r5, 0
        stb     r5, UART_IER(r4)
        load64  r4, HID0_NAP
        mtspr   SPR_HID0, r4
        load64  r4, HID4_BETWEEN
        mtspr   SPR_HID4, r4
        isync
        li      r4, 0
        mtspr   SPR_SDR1, r4
        mtspr   SPR_HID4, r4
        isync
        tlbia
        blr
        .size   partition_out, . - partition_out

        .type   partition_init, @function
partition_init:
        load64  r4, HID0_NAP
        mtspr   SPR_HID0, r4
        blr
        .size   partition_init, . - partition_init

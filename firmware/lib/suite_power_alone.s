# A suite's test on a Power core of its own, where nobody has made ready what a partition finds. Part of suite_power.s.

        .include "suite_power_macros.s"

        .equ    SUITE_TABLE, 0x0F000000         # the page table: 256 KB

        .text
# suite_alone: out of hypervisor state, on a core that nobody has made ready: a real mode area of 256 MB from 0, a page table of its own
# with the page that H_ENTER would have made, interrupts to whoever runs. Nobody is there to be called. r4 to r7 are lost.
        .global suite_alone
        .type   suite_alone, @function
suite_alone:
        load32  r4, SUITE_TABLE
        mtspr   SPR_SDR1, r4
        load32  r5, SUITE_VSID * 128            # the first group by its hash
        add     r4, r4, r5
        li      r5, 0x12
        std     r5, 8(r4)
        eieio
        load32  r5, SUITE_VSID << 12 | 5
        std     r5, 0(r4)
        ptesync
        load32  r4, suite_is_alone
        li      r5, 1
        stw     r5, 0(r4)
        mfspr   r5, 287                         # PVR
        srwi    r5, r5, 16
        cmpwi   r5, 0x3F
        bne     1f
        li      r5, 0
        mtspr   312, r5                         # RMOR
        load64  r5, 0x1000000C                  # RMLS = 4, LPES0, LPES1
        mtspr   318, r5                         # LPCR
        b       2f
1:      load64  r5, 0x8000000000000060          # the same in the 970's HID4
        mtspr   1012, r5
2:
        isync
        load64  r5, ~(1 << 60)
        mfmsr   r6
        and     r6, r6, r5
        ori     r6, r6, 0x1000                  # ME, as a partition has it
        mtspr   SPR_HSRR1, r6
        mflr    r6
        mtspr   SPR_HSRR0, r6
        hrfid
        .size   suite_alone, . - suite_alone

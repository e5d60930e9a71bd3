# The hashed page table through hcalls: H_ENTER, H_READ, H_PROTECT, H_REMOVE, and what each answers to bad arguments.
#
# A partition owns no page table: it asks the hypervisor, with `sc 1`, to put entries into its own. Numbers go in r3,
# arguments in r4 and up; the return code comes back in r3, results from r4 on (PAPR, section 14.5.4.1).

        .text
        .equ    INDEX, 0x918                    # group 0x123, its first entry
        .equ    FIRST, 0x0000000000123001       # virtual segment 0x123, page 0, valid
        .equ    SECOND, 0x0000000000200012      # real page 0x200000, memory coherent, read and write
        .equ    BAD_INDEX, 0x7FFFFFFFFFFF

        .include "../lib/power_checks.s"

        main_begins

        # Enter the page, exactly at INDEX. The answer is the entry's index.
        li      r3, H_ENTER
        load64  r4, H_EXACT
        li      r5, INDEX
        load64  r6, FIRST
        load64  r7, SECOND
enter:  sc      1
        check   1, r3, H_SUCCESS
        check   2, r4, INDEX

        # Read it back: the partition's own real page, not the host's.
        li      r3, H_READ
        li      r4, 0
        li      r5, INDEX
read:   sc      1
        check   3, r3, H_SUCCESS
        without_lock r4
        check   4, r4, FIRST
        check   5, r5, SECOND

        # The place is taken now.
        li      r3, H_ENTER
        load64  r4, H_EXACT
        li      r5, INDEX
        load64  r6, FIRST
        load64  r7, SECOND
        sc      1
        check   6, r3, H_PTEG_FULL

        # Make it read-only: PP = 3 comes straight from the flags.
        li      r3, H_PROTECT
        li      r4, 3
        li      r5, INDEX
        li      r6, 0
protect:sc      1
        check   7, r3, H_SUCCESS
        li      r3, H_READ
        li      r4, 0
        li      r5, INDEX
        sc      1
        check   8, r5, SECOND | 3

        # Remove it only if it maps another page: it does not, so nothing happens.
        li      r3, H_REMOVE
        load64  r4, H_AVPN
        li      r5, INDEX
        load64  r6, 0x0000000000456000
        sc      1
        check   9, r3, H_NOT_FOUND

        # Remove it. The answer is what stood there.
        li      r3, H_REMOVE
        li      r4, 0
        li      r5, INDEX
        li      r6, 0
remove: sc      1
        check   10, r3, H_SUCCESS
        without_lock r4
        check   11, r4, FIRST
        check   12, r5, SECOND | 3

        # Gone; and what lies outside the table was never there.
        li      r3, H_REMOVE
        li      r4, 0
        li      r5, INDEX
        li      r6, 0
        sc      1
        check   13, r3, H_NOT_FOUND
        li      r3, H_READ
        li      r4, 0
        load64  r5, BAD_INDEX
        sc      1
        check   14, r3, H_PARAMETER

        # An hcall that does not exist.
        load64  r3, 0x7FFC
unknown:sc      1
        check   15, r3, H_FUNCTION

        main_ends

        guest_is power_hcalls

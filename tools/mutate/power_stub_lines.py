"""Breakages of the Power host stub: `GUEST@CORE` is a guest that the stub of that core runs as its partition."""

from __future__ import annotations

from typing import Final

from .breakage import NO_GUEST, Breakage, of_file

_STUB: Final = "firmware/hoststubs/book3s"
_TABLE: Final = "power_table@power7"
_PAGES: Final = "power_pages@power7"
_MMIO: Final = "power_mmio@power7"
_DEVICES: Final = "power_devices@power7"
_THREADS: Final = "power_threads@power7"
_EXITS: Final = "power_exits@power7"

POWER_STUB: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_STUB}/page_table.s",
        _TABLE,
        ("        clrrdi  r3, r3, 3\n        li      r5, 8\n", "        li      r5, 8\n"),
        ("        load64  r4, H_AVPN\n", "        li      r4, 0\n"),
        ("        ori     r26, r9, 0x80\n", "        ori     r26, r9, 0x90\n"),
        ("        clrrdi  r0, r0, 7\n        cmpd    r0, r5\n", "        clrrdi  r0, r0, 8\n        cmpd    r0, r5\n"),
        ("        andc    r5, r5, r6\n        or      r5, r5, r4\n        std     r5, 0(r11)\n",
         "        or      r5, r5, r4\n        std     r5, 0(r11)\n"),
        ("        clrrdi  r3, r3, 2\n", ""),
        ("        sldi    r5, r28, 48\n", "        sldi    r5, r28, 47\n"),
        ("        and.    r7, r0, r5\n        bnelr\n", ""),
        ("        cmpwi   r27, 3\n        beq     3f\n        clrldi", "        clrldi"),
    )
    + of_file(
        f"{_STUB}/page_table.s",
        _DEVICES,
        ("        ori     r8, r8, HPTE_ABSENT\n", "        ori     r8, r8, HPTE_VALID\n"),
    )
    + of_file(
        f"{_STUB}/faults.s",
        _DEVICES,
        ("        and     r4, r29, r7\n        or      r3, r3, r4\n", ""),
    )
    + of_file(
        f"{_STUB}/faults.s",
        _PAGES,
        ("        load64  r30, NO_EXECUTE\n        b       partitions_own\n", "        b       partitions_own\n"),
    )
    + of_file(
        f"{_STUB}/real_mode.s",
        _EXITS,
        ("        lis     r4, 8                           # SRR1: illegal\n", "        li      r4, 0\n"),
        ("        andi.   r0, r3, MSR_PR\n        beq     1f\n", "        b       1f\n"),
    )
    + of_file(
        f"{_STUB}/real_mode.s",
        _TABLE,
        ("        cmpld   r6, r7\n        bgelr\n", ""),
        ("        addi    r6, r6, -8\n3:", "3:"),
    )
    + of_file(
        f"{_STUB}/exits.s",
        _THREADS,
        ("        xori    r6, r5, 1\n        std     r6, VCPU_PRODDED(r4)\n", "        std     r5, VCPU_PRODDED(r4)\n"),
    )
)  # fmt: skip

POWER_STUB_BY_SUITES: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_STUB}/page_table.s",
        NO_GUEST,
        ("        xori    r8, r8, HPTE_ABSENT\n        ori     r8, r8, HPTE_VALID\n", ""),
    )
    + of_file(
        f"{_STUB}/faults.s",
        NO_GUEST,
        ("        srwi    r5, r5, 1\n", ""),
        ("        rldicl  r4, r28, 64 - 10, 63\n", "        rldicl  r4, r28, 64 - 11, 63\n"),
        ("        addi    r4, r4, 1\n4:      mfspr", "4:      mfspr"),
        ("        mtdsisr r30\n", ""),
    )
    + of_file(
        f"{_STUB}/mmio.s",
        NO_GUEST,
        ("        extsh   r26, r26\n", ""),
        ("        form    X + 341, 4 | ALGEBRAIC\n", "        form    X + 341, 4\n"),
        ("        form    X + 918, 2 | STORE | REVERSED\n", "        form    X + 918, 2 | STORE\n"),
        ("        form    33, 4 | UPDATE\n", "        form    33, 4\n"),
        ("        srd     r26, r26, r4\n", ""),
    )
    + of_file(
        f"{_STUB}/switch.s",
        NO_GUEST,
        ("        std     r5, VCPU_CTR(r31)\n", ""),
        ("        ld      r3, T_CR(r13)\n        mflr", "        mflr"),
        ("        mtxer   r7\n", ""),
    )
    + of_file(f"{_STUB}/exits.s", NO_GUEST, ("        cmpdi   r3, -1\n        beq     1f\n", ""))
)  # fmt: skip
"""What no bundled guest comes to: forms of accesses, registers that a switch has to carry over."""

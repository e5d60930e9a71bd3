"""`monitor translate` by the names of Arm's regimes, from whatever state the processor is in."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine
from trapline.server.rsp.errors import MonitorError
from trapline.server.rsp.execution import ThreadId
from trapline.server.rsp.target import MonitorContext
from trapline.server.target import MachineTarget

from .guests import arm

# Stage 1 by sections: 1 MB at 0x40000000 is Normal and shareable, one at 0x50000000 without memory, none at 0x60000000.
# Stage 2: the first gigabyte from 0x40000000 as it is, read-only, non-cacheable. Hyp: 0x40000000 by a block of 1 GB.
TABLES = """
        ldr r1, =0x40100000
        ldr r0, =0x40011C0E
        add r4, r1, #0x1000
        str r0, [r4]
        ldr r0, =0x50000C02
        str r0, [r4, #0x400]
        ldr r2, =0x40108000
        ldr r0, =0x40000755
        str r0, [r2, #8]
        mov r0, #0
        str r0, [r2, #12]
        ldr r3, =0x4010C000
        ldr r0, =0x40000741
        str r0, [r3, #8]
        mov r0, #0
        str r0, [r3, #12]
        mcr p15, 0, r1, c2, c0, 0       @ TTBR0
        mov r0, #1
        mcr p15, 0, r0, c3, c0, 0       @ DACR
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #1
        mcr p15, 0, r0, c1, c0, 0       @ SCTLR.M
        mov r0, #0
        mcrr p15, 6, r2, r0, c2         @ VTTBR
        mcrr p15, 4, r3, r0, c2         @ HTTBR
        movw r0, #0x40
        mcr p15, 4, r0, c2, c1, 2       @ VTCR: 32 bits, from level 1
        mov r0, #0xFF
        mcr p15, 4, r0, c10, c2, 0      @ HMAIR0
        mov r0, #1
        mcr p15, 4, r0, c1, c1, 0       @ HCR.VM
        b .
"""


def monitor(machine: Machine, line: str) -> str:
    """What `monitor translate` prints."""
    said: list[str] = []
    command = next(one for one in MachineTarget(lambda: machine).monitor_commands() if one.name == "translate")
    command.run(MonitorContext(ThreadId(1, 1), said.append), line.split())
    return "".join(said)


@pytest.fixture(scope="module")
def machine() -> Machine:
    """A host in Hyp mode, with tables for every regime; its own translation is off."""
    made = arm(TABLES, "arm-virt")
    made.run(200)
    assert made.vcpus[0].core.read("HCR") == 1
    return made


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("0x40012345", "0x40012345 -> 0x40012345, 0x100000000 bytes alike, load store fetch"),
        ("0x40012345 stage1", ", 0x100000 bytes alike, load store fetch; stage1: Normal write-back, outer shareable"),
        (
            "0x40012345 pl1",
            ", 0x100000 bytes alike, load fetch; pl1: Normal non-cacheable, outer shareable",
        ),
        (
            "0x40012345 pl1 store",
            "in pl1: a store has a permission fault at level 1 of stage 2, for intermediate",
        ),
        ("0x50012345 stage1", "-> 0x50012345 (no memory is there), 0x100000 bytes alike"),
        ("0x60012345 stage1 fetch", "in stage1: a fetch has a translation fault at level 1"),
        ("0x40012345 stage2", "-> 0x40012345, 0x40000000 bytes alike, load fetch; stage2: Normal non-cacheable"),
        (
            "0x80000000 stage2",
            "translation fault at level 1 of stage 2, for intermediate physical address 0x80000000",
        ),
        ("0x40012345 hyp", "-> 0x40012345, 0x100000000 bytes alike, load store fetch; hyp: Strongly-ordered"),
        ("0x09000000 hyp", "-> 0x9000000 (pl011 (0x9000000-0x9000fff), no memory)"),
    ],
)
def test_a_regime_is_asked_by_its_name(machine: Machine, asked: str, answer: str) -> None:
    """The same tables, asked from Hyp mode: both stages, each alone, and what is at the end of the way."""
    assert answer in monitor(machine, asked)


def test_hyp_s_own_tables_are_asked_from_below(machine: Machine) -> None:
    """HSCTLR.M and HTTBR decide in regime hyp, also while the processor is in Supervisor mode."""
    core = machine.vcpus[0].core
    before = core.snapshot()
    core.put_fields("HSCTLR", M=1)
    core.put("CPSR", core.read("CPSR") & ~0x1F | 0x13)
    try:
        told = monitor(machine, "0x40012345 hyp")
        assert "-> 0x40012345, 0x40000000 bytes alike, load store fetch; hyp: Normal write-back" in told
        assert "level 1" in monitor(machine, "0x123 hyp")
    finally:
        core.restore(before)


def test_what_there_is_not_is_told(machine: Machine) -> None:
    """Kinds and regimes that there are, by name."""
    with pytest.raises(MonitorError, match="load, store, fetch, hyp, pl1, pl0, stage1, stage2"):
        monitor(machine, "0 pl7")

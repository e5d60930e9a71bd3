"""What a kernel does in its usual life stays in native code; what enters Python is counted by kind."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine

from ..server.guests import ARM_BASE, RAM, guest, load

POWER = f"""
.org 0x700
    mfspr %r20, 26
    addi %r20, %r20, 4
    mtspr 26, %r20
    rfid
.org 0x900
    li %r21, 500
    mtspr 22, %r21
    rfid
.org 0xc00
    rfid
.org 0x4000
_start:
    {load(5, 0x20000)} {load(6, 0x20040)}
    li %r21, 300
    mtspr 22, %r21
    mfmsr %r10
    ori %r10, %r10, 0x8000
    mtmsrd %r10, 1
2:
    lwarx %r3, 0, %r5
    addi %r3, %r3, 1
    stwcx. %r3, 0, %r5
    ldarx %r3, 0, %r6
    stdcx. %r3, 0, %r6
    dcbst 0, %r5
    dcbf 0, %r5
    dcbz 0, %r6
    icbi 0, %r5
    sync
    isync
    lis %r7, 0x0800
    slbmte %r7, %r7
    slbie %r7
    slbia
    mfmsr %r8
    mtmsrd %r8
    mftb %r9
    sc 0
    trap
    .long 0
    addi %r31, %r31, 1
    b 2b
"""

ARM = """
.arm
vectors:
    b .
    movs pc, lr
    movs pc, lr
    b .
    b .
    b .
    b .
    b .
_start:
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0
    ldr r5, =0x40020000
2:
    ldrex r3, [r5]
    add r3, r3, #1
    strex r4, r3, [r5]
    ldrexd r2, r3, [r5]
    clrex
    mcr p15, 0, r5, c7, c10, 1
    mcr p15, 0, r5, c7, c14, 1
    mcr p15, 0, r5, c7, c5, 1
    mcr p15, 0, r5, c8, c7, 1
    mcr p15, 0, r7, c8, c7, 0
    mcr p15, 0, r7, c13, c0, 1
    mcr p15, 0, r7, c7, c5, 0
    dsb
    isb
    cpsid i
    mrs r8, cpsr
    svc #1
    .word 0xe7f000f0
    cpsie i
    blx in_thumb
    add r9, r9, #1
    b 2b
.thumb
in_thumb:
    bx pc
    nop
.arm
    bx lr
"""
GUESTS = {"pseries": guest(POWER, "power7", 0), "arm-kvm": guest(ARM, "armv7ve", ARM_BASE)}
COUNTERS = {"pseries": ("GPR", 31), "arm-kvm": ("R", 9)}


def made(name: str, engine: str) -> Machine:
    core = "power7" if name == "pseries" else "armv7ve"
    return build_machine(GUESTS[name], name, MachineOptions(1, RAM, core, engine))


@pytest.mark.parametrize("name", GUESTS)
def test_a_kernels_usual_work_asks_nothing_of_python(name: str) -> None:
    """Reservations, cache maintenance, flushes, changes of context, calls, traps and timers, and glue between two
    instruction sets in one page: once their pages are known, no kind of request is made at all; and the state is the
    interpreter's and the reference's."""
    machine = made(name, "interpreter")
    machine.run(2_000)
    before = machine.statistics().python
    machine.run(50_000)
    assert machine.statistics().python == before
    assert machine.vcpus[0].core.state.read(*COUNTERS[name]) > 1_000
    assert sum(before.values()) < 40


@pytest.mark.parametrize("name", GUESTS)
def test_it_ends_as_in_the_reference_engine(name: str) -> None:
    """The same guest, the same number of steps."""
    states = []
    for engine in ("interpreter", "native", "reference"):
        machine = made(name, engine)
        machine.run(10_007)
        states.append((machine.clock.now, machine.vcpus[0].core.snapshot(), machine.statistics().interrupts))
    assert states[0] == states[1] == states[2]


def test_the_reference_engine_asks_nobody() -> None:
    """There is no native code that could."""
    machine = made("pseries", "reference")
    machine.run(1_000)
    assert machine.statistics().python == {}

"""Misaligned accesses, page walks and hypervisor calls of real mode do not come to Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.running.requests import make_request
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine

from ..server.guests import ARM_BASE, RAM, guest, hcall, load, number
from ..server.test_arm_machines import mode
from ..server.test_pseries import enter, translation_on
from .pair import DATA, Pair
from .test_differential import pair_of


def requests_of(engine: object) -> Counter[str]:
    """Counts what native code asks of Python from now on, by the operation's name."""
    assert isinstance(engine, NativeEngine)
    asked: Counter[str] = Counter()

    def counted(name: str, request: Callable[[], None]) -> Callable[[], None]:
        def call() -> None:
            asked[name] += 1
            request()

        return call

    engine.code.complete()
    for key, operation in engine.code.operations.items():
        engine._requests[key] = counted(operation.name, make_request(engine, engine.area, operation))
    return asked


ACCESSES = {
    # register 1 + index in 2: lhzx, lwzx, ldx, lwbrx, sthx, stwx, stdx, stwbrx of register 3
    "power7": tuple(0x7C6112_00 & ~0x7FE | operation << 1 for operation in (279, 23, 21, 534, 407, 151, 149, 662)),
    # ldr, ldrh, str, strh r3, [r1, r2]
    "armv7ve": (0xE7913002, 0xE19130B2, 0xE7813002, 0xE18130B2),
}
STATES = {"power7": {"MSR": 0x9000000002802000}, "armv7ve": {"CPSR": 0x1D3}}


def place(pair: Pair, seed: int, word: int, address: int) -> None:
    """One access at `address` by register 1, of register 3."""
    core = str(pair.description.core)
    pair.prepare(random.Random(seed), STATES[core], word.to_bytes(4, "big" if core == "power7" else "little"))
    for side in pair.sides:
        bank = "GPR" if core == "power7" else "R"
        side.state.write(bank, address, 1)
        side.state.write(bank, 0, 2)
        side.engine.state_changed()


@pytest.mark.parametrize("core", ACCESSES)
def test_misaligned_accesses_run_natively(core: str) -> None:
    """Inside a page and over its end, loads and stores, like the reference and without asking the engine.

    Arm's fault here, with translation off; `test_arm_walks_natively` has those that do not.
    """
    pair = Pair(core)
    native = pair.sides[1].engine
    for word in ACCESSES[core]:
        for distance in range(-9, 3):
            place(pair, distance, word, DATA + distance)
            stops = [side.engine.run(1) for side in pair.sides]
            assert stops[0] == stops[1]
            assert core == "armv7ve" or stops[0].retired == 1
            assert not pair.differences(), f"{word:#x} at {distance}"
    asked = requests_of(native)
    for word in ACCESSES[core]:
        place(pair, 1, word, DATA - 1)
        native.run(1)
    assert not {"load", "store", "load_device", "store_device"} & set(asked)


def test_a_misaligned_store_that_fails_in_its_second_page_stores_nothing() -> None:
    """Both pages are translated before a byte is written: the end of RAM is in the way."""
    pair = pair_of("power7")
    place(pair, 3, ACCESSES["power7"][6], 0x80000 - 3)
    before = pair.sides[1].ram.read(0x7FFF0, 16)
    stops = [side.run(1) for side in pair.sides]
    assert stops[0] == stops[1]
    assert not pair.differences()
    assert pair.sides[1].ram.read(0x7FFF0, 16) == before


# Loads from many pages, so that the native table of translations cannot hold them, with translation on.
WALKS = {
    "hash table": (
        "pseries", "power7", 0,
        "_start:\n" + "".join(enter(page << 12, page << 12 | 0x190) for page in (0x10, 0x11, 0x410, 0x411))
        + translation_on(
            "2: " + "".join(load(4, page << 12) + "lwz %r5, 0(%r4)\nstw %r5, 8(%r4)\n" for page in (0x10, 0x410, 0x11))
            + "b 2b\n"
        ),
    ),
    "virtual real mode": (
        "pseries", "power7", 0,
        "_start:\n2: " + "".join(load(4, n << 22) + "lwz %r5, 0(%r4)\n" for n in range(8)) + "b 2b",
    ),
    "real-mode calls": (
        "pseries", "power7", 0,
        "_start:\n2: " + enter(0x20000, 0x20190) + hcall("H_READ", 0, (0x123 ^ 0x20) * 8)
        + hcall("H_PROTECT", 1, (0x123 ^ 0x20) * 8, 0) + hcall("H_REMOVE", 0, (0x123 ^ 0x20) * 8, 0) + "b 2b\n",
    ),
}  # fmt: skip


def warm(machine: Machine) -> Counter[str]:
    """Runs until every page and slot has been seen once, and counts from then on."""
    machine.run(40_000)
    return requests_of(machine.vcpus[0].core.engine)


@pytest.mark.parametrize("name", WALKS)
def test_partitions_walk_and_call_natively(name: str) -> None:
    """Once all memory has been seen, table walks and the real-mode calls ask nothing of the engine."""
    board, core, base, text = WALKS[name]
    machine = build_machine(guest(text, core, base), board, MachineOptions(1, RAM, core, "native"))
    asked = warm(machine)
    engine = machine.vcpus[0].core.engine
    assert isinstance(engine, NativeEngine)
    for _ in range(5):
        engine.clear_tables()
        machine.run(2000)
    assert not asked


SHORT = """
    movw r0, #0x0000
    movt r0, #0x4100
    movw r2, #0xc0e
    movt r2, #0
    mov r3, #0
1:  orr r4, r2, r3, lsl #20
    str r4, [r0, r3, lsl #2]
    add r3, r3, #1
    cmp r3, #0x1000
    bne 1b
    mcr p15, 0, r0, c2, c0, 0
    mvn r4, #0
    mcr p15, 0, r4, c3, c0, 0
    mcr p15, 0, r4, c8, c7, 0
    mrc p15, 0, r4, c1, c0, 0
    orr r4, r4, #1
    mcr p15, 0, r4, c1, c0, 0
"""
LONG = """
    movw r0, #0x0000
    movt r0, #0x4100
    movw r2, #0x0701
    movt r2, #0
    mov r3, #0
    mov r5, #0
1:  orr r4, r2, r3, lsl #30
    str r4, [r0]
    str r5, [r0, #4]
    add r0, r0, #8
    add r3, r3, #1
    cmp r3, #4
    bne 1b
    sub r0, r0, #32
    mov r4, #0xff
    mcr p15, 0, r4, c10, c2, 0
    movw r4, #0
    movt r4, #0x8000
    mcr p15, 0, r4, c2, c0, 2
    mcrr p15, 0, r0, r5, c2
    mrc p15, 0, r4, c1, c0, 0
    orr r4, r4, #1
    mcr p15, 0, r4, c1, c0, 0
"""
LOADS = """
    movw r6, #0
    movt r6, #0x4200
2:  ldr r5, [r6]
    str r5, [r6, #4]
    ldr r5, [r6, #0xffe]
    str r5, [r6, #0xffb]
    ldrh r5, [r6, #0x21]
    b 2b
"""


@pytest.mark.parametrize("machine_name", ["arm-virt", "arm-kvm"])
@pytest.mark.parametrize("tables", [SHORT, LONG], ids=["short", "long"])
def test_arm_walks_natively(tables: str, machine_name: str) -> None:
    """Short and long descriptors, alone and under stage 2."""
    assert number("PSCI_CPU_ON", "armv7ve")
    text = f"_start:\n{mode(machine_name)}{tables}{LOADS}"
    elf = guest(text, "armv7ve", ARM_BASE)
    machine = build_machine(elf, machine_name, MachineOptions(1, RAM, "armv7ve", "native", wild_after=0))
    asked = warm(machine)
    core = machine.vcpus[0].core
    assert core.field("SCTLR", "M") == 1
    assert core.field("CPSR", "M") == 0x13
    engine = core.engine
    assert isinstance(engine, NativeEngine)
    before = core.retired
    for _ in range(5):
        engine.clear_tables()
        machine.run(2000)
    assert core.retired - before == 10_000
    assert not asked

"""A machine that is loaded, run and reset ten thousand times leaves nothing behind."""

from __future__ import annotations

import gc
import random
import weakref
from pathlib import Path

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.state import State
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.verdict import Outcome

from ..server.guests import ARM_BASE, RAM, guest, power_off, say
from ..server.test_arm_machines import PRINT
from .test_differential import pair_of

CYCLES = 10_000
WARM_UP = 1000
MOST_GROWTH = 4 << 20
"""Bytes that the process may grow in CYCLES: pools of the allocators, but not 400 bytes for each cycle."""
MACHINES = 12
ROUNDS = 4
"""A leak is seen in every round; allocators that take memory for their pools are not."""
MOST_OF_A_MACHINE = 256 << 10
"""Bytes that a machine may leave behind: its own tables alone are larger."""


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("core", ["power7", "armv7ve"])
def test_load_run_reset_does_not_grow_the_process(core: str) -> None:
    """Other code at another place each time: what was decoded, translated and counted before is given back."""
    pair = pair_of(core)
    side = pair.sides[1]
    assert isinstance(side.engine, NativeEngine)
    generator = random.Random(core)
    # Add to itself; the order of bytes is the core's.
    word = (0x7C631A14 if core == "power7" else 0xE0833003).to_bytes(4, "big" if core == "power7" else "little")
    before = 0
    for cycle in range(WARM_UP + CYCLES):
        if cycle == WARM_UP:
            before = resident()
        place = generator.randrange(0x8000, 0x60000, 4)
        side.engine.reset()
        side.engine.write_physical_memory(place, word * 8)
        side.state.pc = place
        side.engine.state_changed()
        assert side.engine.run(8).retired == 8
    assert resident() - before < MOST_GROWTH


@pytest.mark.parametrize("name", ["pseries", "arm-virt"])
def test_machines_that_are_gone_leave_nothing(name: str) -> None:
    """Whole machines are made, run to their end and dropped, as a debugger's restarts do."""
    grown = []
    for _ in range(ROUNDS):
        before = resident()
        for _ in range(MACHINES):
            assert machine(name).run(100_000).outcome is Outcome.PASSED
        grown.append(resident() - before)
    assert min(grown[1:]) < MACHINES * MOST_OF_A_MACHINE, grown


def machine(name: str) -> Machine:
    """A machine with a guest that prints PASS and switches it off."""
    if name == "pseries":
        text, core, base = ".org 0x4000\n_start:\n" + say("PASS\n") + power_off(), "power7", 0
    else:
        off = "movw r0, #8\nmovt r0, #0x8400\nsmc #0\n"
        text, core, base = f"_start:\n{PRINT}{off}b .\n", "armv7ve", ARM_BASE
    return build_machine(guest(text, core, base), name, MachineOptions(1, RAM, core, "native"))


def test_engines_that_are_gone_are_collected() -> None:
    """Nothing of the engine (its callback, its tables) keeps it alive."""
    pair = pair_of("power7")
    side = pair.sides[1]
    engine = NativeEngine(pair.description, State(pair.description), side.engine.memory, side.engine.bus)
    seen = weakref.ref(engine)
    engine.close()
    del engine
    gc.collect()
    assert seen() is None

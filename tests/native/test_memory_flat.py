"""A machine that is loaded, run and reset ten thousand times leaves nothing behind."""

from __future__ import annotations

import gc
import mmap
import random
import weakref
from collections.abc import Callable

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.state import State
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.verdict import Outcome

from ..server.guests import ARM_BASE, RAM, guest, load, power_off, say
from ..server.test_arm_machines import PRINT
from .footprint import Footprint, least
from .test_differential import pair_of

CYCLES = 10_000
WARM_UP = 1000
MOST_OF_A_CYCLE = 64
"""Bytes that a cycle may leave behind; what anything of Python's is takes more."""
MACHINES = 12
ROUNDS = 8
MOST_OF_A_MACHINE = 16 << 10
"""Bytes of the C library's that a machine may leave behind: a linker of LLVM's keeps some kilobytes of every library
that it ever had, and is replaced after some hundreds."""
TABLES_OF_A_MACHINE = 1 << 20
"""Bytes that a machine's own tables take at the least; its RAM takes 64 of them."""
LOOPS = 300_000


@pytest.mark.parametrize("core", ["power7", "armv7ve"])
def test_load_run_reset_does_not_grow_the_process(core: str) -> None:
    """Other code at another place each time: what was decoded, translated and counted before is given back."""
    pair = pair_of(core)
    side = pair.sides[1]
    assert isinstance(side.engine, NativeEngine)
    generator = random.Random(core)
    # Add to itself; the order of bytes is the core's.
    word = (0x7C631A14 if core == "power7" else 0xE0833003).to_bytes(4, "big" if core == "power7" else "little")
    before = Footprint.now()
    for cycle in range(WARM_UP + CYCLES):
        if cycle == WARM_UP:
            before = Footprint.now()
        place = generator.randrange(0x8000, 0x60000, 4)
        side.engine.reset()
        side.engine.write_physical_memory(place, word * 8)
        side.state.pc = place
        side.engine.state_changed()
        assert side.engine.run(8).retired == 8
    grown = Footprint.now() - before
    assert max(grown.objects, grown.blocks) < CYCLES // 10, grown
    assert grown.malloc_bytes < CYCLES * MOST_OF_A_CYCLE, grown
    assert max(grown.libraries, grown.files, grown.threads) <= 0, grown


@pytest.mark.parametrize("name", ["pseries", "arm-virt"])
@pytest.mark.parametrize("hot", [False, True], ids=["cold", "hot"])
def test_machines_that_are_gone_leave_nothing(name: str, hot: bool) -> None:
    """Whole machines are made, run to their end and dropped, as a debugger's restarts do: no object, no block, no
    mapping, no native code of theirs stays. Those that run hot had regions compiled."""
    grown, before = [], Footprint.now()
    for _ in range(ROUNDS):
        for _ in range(MACHINES):
            assert machine(name, hot).run(10 * LOOPS).outcome is Outcome.PASSED
        after = Footprint.now()
        grown.append(after - before)
        before = after
    left = least(grown[1:])
    assert max(left.objects, left.blocks) < MACHINES, grown
    assert left.malloc_bytes < MACHINES * MOST_OF_A_MACHINE, grown
    assert left.anonymous_bytes < MACHINES * TABLES_OF_A_MACHINE, grown
    assert max(left.mappings, left.libraries, left.files, left.threads) <= 0, grown


def _leaks_an_object(machine: Machine, into: list[object]) -> None:
    into.append(machine)


def _leaks_memory(machine: Machine, into: list[object]) -> None:
    into.append(bytes(MOST_OF_A_MACHINE * 2))


def _leaks_a_mapping(machine: Machine, into: list[object]) -> None:
    into.append(mmap.mmap(-1, TABLES_OF_A_MACHINE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def _leaks_code(machine: Machine, into: list[object]) -> None:
    into.append(mmap.mmap(-1, 3 * mmap.PAGESIZE))


@pytest.mark.parametrize("leak", [_leaks_an_object, _leaks_memory, _leaks_a_mapping, _leaks_code])
def test_a_leak_is_seen(leak: Callable[[Machine, list[object]], None]) -> None:
    """The count notices a machine that somebody still holds, memory that no collector knows of, and mappings."""
    held: list[object] = []
    machine("pseries", False)
    before = Footprint.now()
    for _ in range(3):
        leak(machine("pseries", False), held)
    grown = Footprint.now() - before
    seen: dict[Callable[[Machine, list[object]], None], bool] = {
        _leaks_an_object: grown.objects > 3,
        _leaks_memory: grown.malloc_bytes > 3 * MOST_OF_A_MACHINE,
        _leaks_a_mapping: grown.anonymous_bytes >= 3 * TABLES_OF_A_MACHINE,
        _leaks_code: grown.mappings >= 3,
    }
    assert seen[leak], grown


def machine(name: str, hot: bool) -> Machine:
    """A machine with a guest that prints PASS and switches it off; a hot one counts before that."""
    if name == "pseries":
        loop = load(9, LOOPS) + "mtctr %r9\n2: addi %r5, %r5, 1\nadd %r6, %r6, %r5\nbdnz 2b\n" if hot else ""
        text, core, base = f".org 0x4000\n_start:\n{loop}" + say("PASS\n") + power_off(), "power7", 0
    else:
        count = f"movw r9, #{LOOPS & 0xFFFF}\nmovt r9, #{LOOPS >> 16}\n"
        loop = f"{count}2: add r5, r5, #1\nadd r6, r6, r5\nsubs r9, r9, #1\nbne 2b\n" if hot else ""
        off = "movw r0, #8\nmovt r0, #0x8400\nsmc #0\n"
        text, core, base = f"_start:\n{loop}{PRINT}{off}b .\n", "armv7ve", ARM_BASE
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

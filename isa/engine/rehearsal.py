"""Rehearsals: instructions are executed and undone, to see where they would lead if nothing came from outside.

A rehearsal is a probe that steps: stores go to an overlay, devices are out of reach, registers are put back. It is the
reference engine's Python on both engines, so it is exact, and slow: for some dozens of instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from ..errors import TraplineError
from .fetch import FetchPath
from .interface import Rehearsed
from .layout import PC, SCOPES
from .physical import ProbeStopped
from .probe import Probe


def rehearse(engine: Probe, step: Callable[[int], int], instructions: int) -> Generator[Rehearsed, None, None]:
    """See `Engine.rehearse`. `step` executes the instruction at an address, and gives the next address."""
    hook = engine.hook("interrupts_off")
    counted = engine.description.hooks.get("returns")
    # A count, of returns or of what a hypervisor has answered, is none of what makes a guest's state.
    kept: list[tuple[str, int | None]] = []
    kept += [(name, None) for name in sorted(engine.description.functions[counted].reads)] if counted else []
    for name, register in engine.description.registers.items():
        if "counter" in register.annotations:
            kept += [(name, n) for n in range(register.count)] or [(name, None)]
    with engine.probing():
        first = pc = engine.state.read(PC)
        counts = [(name, engine.state.read(name, index), index) for name, index in kept]
        before = _registers(engine)
        engine.asked_time = False
        for _ in range(instructions):
            try:
                pc = step(pc)
            except (ProbeStopped, TraplineError):
                return
            if engine.leaving is not None:
                return
            recurs = False
            if pc == first:
                for name, value, index in counts:
                    engine.state.write(name, value, index)
                recurs = _registers(engine) == before and _memory_is_as_it_was(engine)
            yield Rehearsed(pc, recurs and not engine.asked_time, hook is None or bool(hook()))


def _registers(engine: FetchPath) -> list[object]:
    return [engine.state.blocks[scope].save() for scope in SCOPES]


def _memory_is_as_it_was(engine: FetchPath) -> bool:
    overlay = engine.overlay or {}
    for address, byte in overlay.items():
        slot = engine.memory.slot_at(address)
        if slot is None or slot.ram.read(address - slot.base + slot.offset, 1)[0] != byte:
            return False
    return True

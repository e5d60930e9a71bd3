"""Two machines that are alike but for their engine, and random programs for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from trapline.isa.engine.interface import Stop
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import BOTH, Tiers
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.engine.state import State
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core
from trapline.isa.model.decoder import is_excluded
from trapline.isa.model.items import Form
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

RAM_SIZE = 0x80000
CODE = 0x10000
DATA = 0x40000
VECTORS = 0x4000
"""Bytes from address 0 that hold the interrupt vectors of both architectures."""
MOST_FILLED = 64
"""Elements of a longer array that get values."""


@dataclass
class Side:
    """One engine with RAM of its own."""

    engine: ReferenceEngine
    state: State
    ram: GuestRam

    def run(self, budget: int) -> Stop | str:
        """How a run ends, or the engine's error."""
        try:
            return self.engine.run(budget)
        except TraplineError as error:
            return f"{type(error).__name__}: {error}"


class Pair:
    """The same machine under the reference engine and under the native one."""

    def __init__(self, core: str, tiers: Tiers = BOTH, changes: Sequence[Path] = ()) -> None:
        """`tiers` are the native engine's; `changes` are files that change the description."""
        self.description = load_core(core, None, changes)
        self.sides = [self._side(ReferenceEngine), self._side(partial(NativeEngine, tiers=tiers))]

    def _side(self, kind: Callable[..., ReferenceEngine]) -> Side:
        ram = GuestRam(RAM_SIZE)
        memory = PhysicalMemory()
        memory.add(MemorySlot(0, 0, RAM_SIZE, ram))
        state = State(self.description)
        bus = Bus(EventStream(), GuestClock(Fraction(1)))
        engine = kind(self.description, state, memory, bus)
        engine.reset()
        return Side(engine, state, ram)

    def prepare(self, generator: random.Random, settings: dict[str, int], words: bytes) -> None:
        """Resets, fills arrays of registers and the data with random values, places code at CODE and at the vectors."""
        filled = random_registers(self, generator)
        data = generator.randbytes(0x2000)
        for side in self.sides:
            side.engine.reset()
            side.ram.write(0, bytes(RAM_SIZE))
            side.ram.write(0, (words * (VECTORS // len(words) + 1))[:VECTORS])
            side.ram.write(CODE, words)
            side.ram.write(DATA - 0x1000, data)
            side.engine.invalidate_code(0, RAM_SIZE)
            for (name, index), value in filled.items():
                side.state.write(name, value, index)
            for name, value in settings.items():
                side.state.write(name, value)
            side.state.pc = CODE
            side.engine.state_changed()

    def differences(self) -> list[str]:
        """What the two machines do not agree on."""
        before, after = (side.state.snapshot() for side in self.sides)
        found = [str(difference) for difference in self.sides[0].state.diff(before, after)]
        memories = [side.ram.read(0, RAM_SIZE) for side in self.sides]
        if memories[0] != memories[1]:
            at = next(i for i in range(RAM_SIZE) if memories[0][i] != memories[1][i])
            found.append(f"RAM at {at:#x}: {memories[0][at : at + 8].hex()} -> {memories[1][at : at + 8].hex()}")
        return found


def random_registers(pair: Pair, generator: random.Random) -> dict[tuple[str, int | None], int]:
    """Values for all arrays that programs compute with: numbers, small numbers, addresses of data."""
    values: dict[tuple[str, int | None], int] = {}
    for register in pair.description.registers.values():
        if register.kind != "storage" or register.count < 8 or register.scope != "thread":
            continue
        for index in some_of(register.count, generator):
            values[register.name, index] = random_value(generator, register.width)
    return values


def some_of(count: int, generator: random.Random) -> Sequence[int]:
    """Indices of an array to fill: all of a register file, and some of a table of translations, which is far longer."""
    return range(count) if count <= MOST_FILLED else generator.sample(range(count), MOST_FILLED)


def random_value(generator: random.Random, width: int) -> int:
    """A value that finds corners more often than chance would."""
    kind = generator.randrange(8)
    mask = (1 << width) - 1
    if kind < 3:
        return (DATA + generator.randrange(0, 0x1000)) & mask & (-1 if kind else -16)
    if kind == 3:
        return generator.choice([0, 1, mask, mask >> 1, 1 << (width - 1), 2, mask - 1])
    if kind == 4:
        return generator.randrange(256) & mask
    if kind == 5 and width >= 64:
        doubles = [0x3FF0000000000000, 0x7FF0000000000000, 0x7FF8000000000001, 0x7FF0000000000001, 0x8000000000000000,
                   0x0000000000000001, 0x4008000000000000, 0xC1E0000000000000, 0x3CA0000000000000]  # fmt: skip
        return sum(generator.choice(doubles) << at for at in range(0, width, 64)) & mask
    return generator.getrandbits(width)


def random_word(form: Form, generator: random.Random) -> int:
    """A word that is this form, as far as its own exclusions go."""
    while True:
        word = form.match | generator.getrandbits(form.length) & ~form.mask
        if form.should_mask and generator.randrange(4):
            word = word & ~form.should_mask | form.should_be
        if not is_excluded(form, word):
            return word


def word_bytes(form: Form, word: int, order: str) -> bytes:
    """A word as it stands in memory: a 32-bit T32 word is two halfwords, each in the byte order."""
    if form.length == 32 and form.instruction_set == "T32":
        return (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")
    return word.to_bytes(form.length // 8, "big" if order == "big" else "little")

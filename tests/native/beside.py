"""Machines of two vcpus whose programs stand in one page, beside what they store."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator

from trapline.isa.engine.interface import Stop
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import Tiers
from trapline.isa.engine.purity import calls, reachable, walk
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.model import code
from trapline.isa.model.items import Form

from .loops import Loop, branch_back
from .pair import CODE, Pair, Side, random_registers
from .programs import decoders_of, pool, settings, word_of

AROUND = 256
"""Bytes before and behind a program where its stores lead."""
_TRIES = 24
SECOND = CODE + 0x180
"""Where the second vcpu's program stands."""


class Two(Pair):
    """Two vcpus a side, with the same memory."""

    def __init__(self, core: str, tiers: Tiers) -> None:
        """`tiers` are the native engines'."""
        super().__init__(core, tiers)
        self.others = [self._other(side, tiers) for side in self.sides]

    def _other(self, side: Side, tiers: Tiers) -> Side:
        state, first = side.state.sibling("partition"), side.engine
        places = self.description, state, first.memory, first.bus, 1
        engine = NativeEngine(*places, tiers=tiers) if isinstance(first, NativeEngine) else ReferenceEngine(*places)
        engine.reset()
        return Side(engine, state, side.ram)

    def begin(self, generator: random.Random, first: Loop, second: Loop) -> None:
        """The first vcpu at CODE, the second at SECOND; what addresses may be made of leads to either."""
        state = settings(self, first.form, generator)
        values = random_registers(self, generator)
        self.prepare(generator, state, first.words)
        for side in self.others:
            side.engine.reset()
            side.ram.write(SECOND, second.words)
            side.engine.invalidate_code(SECOND, len(second.words))
            for (name, index), value in values.items():
                side.state.write(name, value, index)
            for name, value in state.items():
                side.state.write(name, value)
            side.state.pc = SECOND
        for sides, loop, start in ((self.sides, first, CODE), (self.others, second, SECOND)):
            point_around(self, sides, generator, (start, len(loop.words)))
        for side in (*self.sides, *self.others):
            side.engine.state_changed()

    def differences(self) -> list[str]:
        """See `Pair`; of both vcpus."""
        found = super().differences()
        before, after = (side.state.snapshot() for side in self.others)
        found += [f"vcpu 1: {difference}" for difference in self.others[0].state.diff(before, after)]
        return found


@functools.cache
def store_forms(pair: Pair, instruction_set: str) -> list[tuple[Form, bytes]]:
    """Instructions of all forms that store close to what their address is made from, as far as a few tries go."""
    decoders, generator, reference = decoders_of(pair), random.Random(7), pair.sides[0]
    stores = count_stores(reference.engine, CODE >> 12)
    found = []
    for form in pair.description.forms.values():
        if form.instruction_set != instruction_set or not _stores(pair, form):
            continue
        for _ in range(_TRIES):
            word = word_of(pair, form, generator, decoders)
            if word is None:
                continue
            before = stores()
            pair.prepare(generator, settings(pair, form, generator), word)
            point_around(pair, pair.sides, generator, (CODE + AROUND, AROUND))
            reference.run(1)
            if stores() > before:
                found.append((form, word))
                break
    return found


def _stores(pair: Pair, form: Form) -> bool:
    functions = pair.description.functions
    bodies = [form.body, *(functions[name].body for name in reachable(functions, [*calls(form.body)]))]
    return any(isinstance(node, code.SetMemory) for node in walk(tuple(bodies)))


def store_loops(
    pair: Pair, instruction_set: str, seed: int, count: int, length: int
) -> Iterator[tuple[random.Random, Loop]]:
    """Loops as `loops` makes them, in which two of three instructions store."""
    stores, others = store_forms(pair, instruction_set), pool(pair, instruction_set)
    quiet = [(form, word) for form, word in others if not form.may_raise]
    for number in range(count):
        generator = random.Random(f"{seed} {instruction_set} {number}")
        rest = quiet if number % 4 else others
        parts = [generator.choice(stores if generator.randrange(3) else rest) for _ in range(length)]
        words = b"".join(word for _, word in parts)
        loop = Loop(parts[0][0], words + branch_back(instruction_set, len(words)), instruction_set)
        yield generator, loop


def point_around(pair: Pair, sides: list[Side], generator: random.Random, place: tuple[int, int]) -> None:
    """Most address registers lead to a program (its address and length), or up to AROUND bytes before or behind it."""
    bank = "GPR" if "MSR" in pair.description.registers else "R"
    start, length = place
    for index in range(1, 13):
        if generator.randrange(6) == 0:
            continue
        align = generator.choice((1, 2, 4, 4, 8, 16))
        value = (start + generator.randrange(-AROUND, length + AROUND)) & -align
        for side in sides:
            side.state.write(bank, value, index)


def count_stores(engine: ReferenceEngine, page: int) -> Callable[[], int]:
    """Counts the reference engine's stores to a page from now on; call what is returned for their number."""
    count = 0
    own = engine.put_bytes

    def put_bytes(pa: int, data: bytes, whole: bool) -> None:
        nonlocal count
        count += pa >> 12 == page
        own(pa, data, whole)

    engine.__dict__["put_bytes"] = put_bytes
    return lambda: count


def run_both(sides: list[Side], budget: int, told: str) -> bool:
    """Runs a vcpu on both sides; False where the engines give up, alike."""
    stops = [side.run(budget) for side in sides]
    assert stops[0] == stops[1], told
    return isinstance(stops[0], Stop)

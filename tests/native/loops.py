"""Loops of random instructions: they run on until they fault, and then on through the vectors, where they stand too."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trapline.isa.model.items import Form

from .pair import CODE, Pair
from .programs import pool

UNITS = {"PPC": 4, "A32": 4, "T32": 2}


@dataclass(frozen=True)
class Loop:
    """Random instructions and a branch back to the first; `form` is the first one's."""

    form: Form
    words: bytes
    instruction_set: str

    def address(self, generator: random.Random) -> int:
        """Of some unit of it."""
        return CODE + generator.randrange(0, len(self.words), UNITS[self.instruction_set])


def branch_back(instruction_set: str, distance: int) -> bytes:
    """A branch to `distance` bytes before itself."""
    if instruction_set == "PPC":
        return (0x48000000 | -distance & 0x03FFFFFC).to_bytes(4, "big")
    if instruction_set == "A32":
        return (0xEA000000 | (-distance - 8 >> 2) & 0xFFFFFF).to_bytes(4, "little")
    return (0xE000 | (-distance - 4 >> 1) & 0x7FF).to_bytes(2, "little")


def loops(pair: Pair, instruction_set: str, seed: int, count: int, length: int) -> Iterator[tuple[random.Random, Loop]]:
    """`count` loops, with a generator for what else is random; every other one has no instruction that can raise."""
    chosen = pool(pair, instruction_set)
    quiet = [(form, word) for form, word in chosen if not form.may_raise]
    for number in range(count):
        generator = random.Random(seed * 1000 + number)
        yield generator, _loop(generator, quiet if number % 2 else chosen, instruction_set, length)


def _loop(
    generator: random.Random, chosen: Sequence[tuple[Form, bytes]], instruction_set: str, length: int
) -> Loop:
    parts = [generator.choice(chosen) for _ in range(length)]
    body = b"".join(word for _, word in parts)
    return Loop(parts[0][0], body + branch_back(instruction_set, len(body)), instruction_set)

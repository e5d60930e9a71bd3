"""Operands as a generator sees them: class, role, range, constraints, fields; and random values for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ...isa.model.items import Codec, Description, Operand
from ..instructions.codecs.codecs import OperandCodec

_TRIES = 200


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The numbers that may be written: from `low` to `high` (both included), in steps of `step`.

    Of a place in the code or in memory, they are distances from the instruction's (aligned) address plus `bias`.
    """

    low: int
    high: int
    step: int = 1
    bias: int = 0


@dataclass(frozen=True, slots=True)
class OperandInfo:
    """An operand of a syntax.

    `kind` is register, register list, name, number, coded number, address (of code), or place (in memory, relative).
    `title` is the list of names that it is taken from. `registers` are the arrays that it names an element of, `role`
    is read, written, read and written, or empty for what is only a number. `names` are the texts that it may have
    (None: the bits have no text); `range` the numbers. `fields` are those of the word, most significant first.
    `optional` operands may be left out.
    """

    name: str
    kind: str
    title: str
    role: str
    registers: tuple[str, ...]
    names: tuple[str | None, ...]
    range: NumberRange | None
    fields: tuple[str, ...]
    width: int
    optional: bool
    constraints: tuple[str, ...]
    _codec: OperandCodec

    def text(self, bits: int, address: int = 0) -> str | None:
        """How the operand is written for these bits, or None where there is no way."""
        if self.kind == "register list":
            return self._codec.write(bits, address) if bits else None
        return self._codec.write(bits, address)

    def draw(self, rng: random.Random, exclude: Collection[str] = (), address: int = 0) -> int | None:
        """Random bits with a text that is not excluded, often at an edge; None where none was found.

        Of a register list, no register is one of `exclude`.
        """
        for _ in range(_TRIES):
            bits = self._random(rng)
            text = self.text(bits, address)
            if text is not None and not self._is_excluded(bits, text, exclude):
                return bits
        return None

    def _random(self, rng: random.Random) -> int:
        if self.kind in ("register", "name"):
            return rng.randrange(max(1, len(self.names)))
        edge = rng.random()
        if edge < 0.1:
            return 0
        if edge < 0.2:
            return (1 << self.width) - 1
        if edge < 0.3:
            return 1 << (self.width - 1) if self.width else 0
        return rng.getrandbits(self.width) if self.width else 0

    def _is_excluded(self, bits: int, text: str, exclude: Collection[str]) -> bool:
        if self.kind == "register list":
            return any(bits >> number & 1 and name in exclude for number, name in enumerate(self.names))
        return text in exclude


def kind_of(codec: Codec, registers: tuple[str, ...]) -> str:
    """The class of an operand."""
    if codec.kind == "set":
        return "register list"
    if codec.kind in ("names", "ambient"):
        return "register" if registers else "name"
    if codec.target:
        return "address"
    if codec.relative:
        return "place"
    return "coded number" if codec.kind == "coded" else "number"


def range_of(codec: Codec, width: int) -> NumberRange | None:
    """The numbers that an operand may be; None where it is no plain number."""
    if codec.kind == "unsigned":
        low, high = 0, (1 << width) - 1
    elif codec.kind == "signed":
        low, high = -(1 << (width - 1)), (1 << (width - 1)) - 1
    elif codec.kind == "sign_magnitude":
        high = (1 << (width - 1)) - 1
        low = -high
    else:
        return None
    bias = 0 if codec.relative else codec.bias
    return NumberRange(low * codec.scale + bias, high * codec.scale + bias, codec.scale,
                       codec.bias if codec.relative else 0)


def names_of(description: Description, codec: Codec, width: int) -> tuple[str | None, ...]:
    """The printed texts of a list of names, by bits; empty where the operand is no name."""
    if not codec.names:
        return ()
    texts = [found[0] if found else None for found in description.names[codec.names].spellings]
    count = width if codec.kind == "set" else 1 << width
    return tuple((texts + [None] * count)[:count])


def constraints_of(codec: Codec, operand: Operand, names: tuple[str | None, ...]) -> tuple[str, ...]:
    """What the operand's values must hold, in words."""
    found = []
    if codec.scale > 1:
        found.append(f"a multiple of {codec.scale}")
    if codec.kind == "coded":
        found.append(f"a number that {codec.encode} encodes")
    if codec.kind == "set":
        found.append("at least one of " + ", ".join(name for name in names if name))
    elif any(name is None for name in names):
        found.append(f"not every value of {operand.width} bits has a name")
    return tuple(found)


MakeCodec = Callable[[Codec, int], OperandCodec]

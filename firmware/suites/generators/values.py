"""Values of argument classes: each named by what it is, for comments and for choosing."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from ....isa.model.items import ArgumentClass


class Value(msgspec.Struct, frozen=True):
    """A value, and what it is: valid, boundary, invalid or chosen (by the suite's options)."""

    number: int
    kind: str


def values_of(one: ArgumentClass, rng: random.Random, extra: Sequence[int] = (), most: int = 8) -> list[Value]:
    """Some of each kind, at most `most`: single values, the ends of ranges and one from inside, what is not valid."""
    found: dict[int, str] = dict.fromkeys(extra, "chosen")
    singles, inside = [], []
    for low, high in one.valid:
        if low == high:
            singles.append(low)
        else:
            found.setdefault(low, "boundary")
            found.setdefault(high, "boundary")
            inside.append(rng.randint(low, high))
    rng.shuffle(singles)
    bad = [value for low, high in one.invalid for value in dict.fromkeys((low, high))]
    rng.shuffle(bad)
    for value in bad[:2]:
        found.setdefault(value, "invalid")
    for value in inside[:1] + singles:
        if len(found) < most:
            found.setdefault(value, "valid")
    return [Value(number, kind) for number, kind in found.items()]

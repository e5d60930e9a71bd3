"""Figures of a machine's run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ...isa.engine.interface import Engine


class Statistics(msgspec.Struct, frozen=True):
    """What a run has been so far. `guest_seconds` is guest time, `exits` counts by kind."""

    instructions: int
    guest_seconds: float
    per_vcpu: tuple[int, ...]
    exits: dict[str, int]
    interrupts: dict[str, int]
    """How often each interrupt was entered, by its name."""
    python: dict[str, int]
    """What native code asked Python for, by kind."""


def entered(engines: Iterable[Engine]) -> dict[str, int]:
    """What native code of some engines asked Python for, by kind, the most frequent first."""
    found: Counter[str] = Counter()
    for engine in engines:
        found.update(engine.entered())
    return dict(found.most_common())

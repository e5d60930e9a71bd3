"""What the user says about the layout of a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things go: the first section at `base`, or sections at addresses of their own.

    `memory` lists (origin, length) of what may be occupied; empty means everything.
    """

    base: int = 0
    placements: Mapping[str, int] = field(default_factory=dict)
    memory: tuple[tuple[int, int], ...] = ()
    entry: str = "_start"
    big_endian: bool | None = None
    """None takes the byte order of the description."""

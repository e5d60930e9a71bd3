"""What a guest value is while a region is written: a number, an SSA value, or bits put together from several of them."""

from __future__ import annotations

from dataclasses import dataclass

from .pieces import Piece

Scalar = int | str
"""A number known now, or the text of an SSA value."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a piece held when the guest block began; it is asked for only where it is needed."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Parts:
    """Bits side by side, the lowest first: (width, value)."""

    parts: tuple[tuple[int, Scalar | Before], ...]


Value = Scalar | Parts


def as_parts(value: Value, width: int) -> tuple[tuple[int, Scalar | Before], ...]:
    """A value as parts."""
    return value.parts if isinstance(value, Parts) else ((width, value),)


def joined(parts: list[tuple[int, Scalar | Before]]) -> Value:
    """Parts as a value: numbers side by side become one, and a single part is no Parts."""
    found: list[tuple[int, Scalar | Before]] = []
    for width, value in parts:
        if found and isinstance(value, int) and isinstance(found[-1][1], int):
            low_width, low = found[-1]
            found[-1] = (low_width + width, low | value << low_width)
        else:
            found.append((width, value))
    if len(found) == 1 and not isinstance(found[0][1], Before):
        return found[0][1]
    return Parts(tuple(found))

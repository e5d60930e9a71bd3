"""What a guest value is while a region is written: a number, an SSA value, or bits put together from several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from ..text import FunctionText
from .pieces import Piece

Scalar = int | str
"""A number known now, or the text of an SSA value."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a piece held when the guest block began; it is asked for only where it is needed."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a value of `width` bits is computed from operands of `widths` bits, which it depends on alone.

    Two recipes are the same where their kinds are. It may be followed with any operands: nothing in it traps.
    """

    kind: Hashable
    width: int
    widths: tuple[int, ...]
    write: Callable[[FunctionText, Sequence[Scalar]], Scalar]


@dataclass(frozen=True, slots=True, eq=False)
class Deferred:
    """A value that is computed only where somebody asks for it: of most flags nobody does, on the usual ways."""

    recipe: Recipe
    operands: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """`width` bits from `low` of a deferred value."""

    deferred: Deferred
    low: int
    width: int

    def of(self, text: FunctionText, whole: Scalar) -> Scalar:
        """These bits of the whole value."""
        full = self.deferred.recipe.width
        if isinstance(whole, int):
            return whole >> self.low & (1 << self.width) - 1
        if self.low:
            whole = text.value(f"lshr i{full} {whole}, {self.low}")
        return whole if self.width == full else text.value(f"trunc i{full} {whole} to i{self.width}")


Part = Scalar | Before | Later


@dataclass(frozen=True, slots=True)
class Parts:
    """Bits side by side, the lowest first: (width, value)."""

    parts: tuple[tuple[int, Part], ...]


Value = Scalar | Parts


def as_parts(value: Value, width: int) -> tuple[tuple[int, Part], ...]:
    """A value as parts."""
    return value.parts if isinstance(value, Parts) else ((width, value),)


def joined(parts: Sequence[tuple[int, Part]]) -> Value:
    """Parts as a value: numbers side by side become one, and a single part is no Parts."""
    found: list[tuple[int, Part]] = []
    for width, value in parts:
        if found and isinstance(value, int) and isinstance(found[-1][1], int):
            low_width, low = found[-1]
            assert isinstance(low, int)
            found[-1] = (low_width + width, low | value << low_width)
        else:
            found.append((width, value))
    if len(found) == 1 and not isinstance(found[0][1], (Before, Later)):
        return found[0][1]
    return Parts(tuple(found))


Cut = Callable[[Part, int, int, int], Part]
"""Some bits of a part: (part, its width, the lowest bit, how many)."""


def side_by_side(values: Sequence[Value], width: int, cuts: Sequence[Cut]) -> list[tuple[int, list[Part]]] | None:
    """Values cut at the same places, each in its own way: where one is, and around each bit in which numbers differ.

    None where they are not all known in parts, or differ in many.
    """
    places = {width}
    differing = 0
    numbers = [value for value in values if isinstance(value, int)]
    for value in values:
        if isinstance(value, str):
            return None
        if isinstance(value, Parts):
            places |= _bounds(value.parts)
        else:
            differing |= value ^ numbers[0]
    if width == 1 or differing.bit_count() > _FEW_PARTS:
        return None
    places |= {place + end for place in range(width) if differing >> place & 1 for end in (0, 1)} - {0}
    found: list[tuple[int, list[Part]]] = []
    low = 0
    for high in sorted(places):
        apart = zip(values, cuts, strict=True)
        found.append((high - low, [within(as_parts(value, width), low, high - low, cut) for value, cut in apart]))
        low = high
    differ = sum(any(part != parts[0] for part in parts) for _, parts in found)
    return found if differ <= _FEW_PARTS else None


def _bounds(parts: tuple[tuple[int, Part], ...]) -> set[int]:
    bounds = set()
    place = 0
    for size, _ in parts:
        place += size
        bounds.add(place)
    return bounds


def within(parts: tuple[tuple[int, Part], ...], low: int, size: int, cut: Cut) -> Part:
    """Bits that lie in one of the parts."""
    start = 0
    for width, part in parts:
        if start <= low < start + width:
            return cut(part, width, low - start, size)
        start += width
    raise AssertionError("the operands have one width")


_FEW_PARTS = 4

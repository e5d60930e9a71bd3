"""Operators on bits that are known apart: what is known of each piece is computed now, and only the rest becomes IR."""

from __future__ import annotations

from collections.abc import Callable

from ..text import FunctionText
from .folding import fold_binary
from .values import Before, Parts, Scalar, Value, as_parts, joined

_MOST_COMPARED = 6
"""Pieces that are compared one by one; more are put together first."""
_WORDS = {"&", "|", "^"}
Part = Scalar | Before
Cut = Callable[[Part, int, int, int], Part]
"""Some bits of a part: (part, its width, the lowest bit, how many)."""


def bitwise(
    text: FunctionText,
    operator: str,
    left: Value,
    right: Value,
    width: int,
    cut: Cut,
    resolved: Callable[[Part], Scalar],
) -> Value | None:
    """The result, where at least one operand is in parts and the other is, too, or is known; None for other cases.

    `resolved` makes a value of a part.
    """
    if isinstance(left, str) or isinstance(right, str) or not (isinstance(left, Parts) or isinstance(right, Parts)):
        return None
    if operator in ("<<", ">>"):
        return _shifted(operator, left, right, width, cut) if isinstance(right, int) else None
    pairs = _pairs(as_parts(left, width), as_parts(right, width), cut)
    if operator in _WORDS:
        return joined([(size, _combined(text, operator, a, b, size, resolved)) for size, a, b in pairs])
    if operator not in ("==", "!="):
        return None
    if any(isinstance(a, int) and isinstance(b, int) and a != b for _, a, b in pairs):
        return int(operator == "!=")
    open_ones = [(size, a, b) for size, a, b in pairs if a != b]
    if len(open_ones) > _MOST_COMPARED:
        return None
    same: Scalar = 1
    for size, a, b in open_ones:
        same = fold_binary(text, "&", same, fold_binary(text, "==", resolved(a), resolved(b), size, size), 1, 1)
    return same if operator == "==" else fold_binary(text, "^", same, 1, 1, 1)


def _shifted(operator: str, value: Value, amount: int, width: int, cut: Cut) -> Value:
    if amount >= width:
        return 0
    first, last = (0, width - amount) if operator == "<<" else (amount, width)
    found: list[tuple[int, Part]] = []
    start = 0
    for size, part in as_parts(value, width):
        low, high = max(start, first), min(start + size, last)
        if low < high:
            found.append((high - low, cut(part, size, low - start, high - low)))
        start += size
    if amount:
        found = [(amount, 0), *found] if operator == "<<" else [*found, (amount, 0)]
    return joined(found)


def _pairs(
    left: tuple[tuple[int, Part], ...], right: tuple[tuple[int, Part], ...], cut: Cut
) -> list[tuple[int, Part, Part]]:
    """Both operands' parts, cut at the same places."""
    sides = [_bounds(left), _bounds(right)]
    places = sorted({bound for side in sides for bound in side})
    found = []
    for low, high in zip([0, *places], places, strict=False):
        a, b = (_within(parts, low, high - low, cut) for parts in (left, right))
        found.append((high - low, a, b))
    return found


def _bounds(parts: tuple[tuple[int, Part], ...]) -> list[int]:
    bounds = []
    place = 0
    for size, _ in parts:
        place += size
        bounds.append(place)
    return bounds


def _within(parts: tuple[tuple[int, Part], ...], low: int, size: int, cut: Cut) -> Part:
    start = 0
    for width, part in parts:
        if start <= low < start + width:
            return cut(part, width, low - start, size)
        start += width
    raise AssertionError("the operands have one width")


def _combined(
    text: FunctionText, operator: str, left: Part, right: Part, width: int, resolved: Callable[[Part], Scalar]
) -> Part:
    ones = (1 << width) - 1
    for a, b in ((left, right), (right, left)):
        if a == 0:
            return 0 if operator == "&" else b
        if a == ones and operator != "^":
            return b if operator == "&" else ones
    if left == right and operator != "^":
        return left
    return fold_binary(text, operator, resolved(left), resolved(right), width, width)

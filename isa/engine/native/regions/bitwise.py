"""Operators on bits that are known apart: what is known of each piece is computed now, and only the rest becomes IR."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from ..text import FunctionText
from .folding import fold_binary
from .values import Cut, Later, Part, Parts, Scalar, Value, as_parts, joined, within

_MOST_COMPARED = 6
"""Pieces that are compared one by one; more are put together first."""
_MOST_LOOKED_AT = 16
"""Pieces that are looked at, whether they are known."""
_WORDS = {"&", "|", "^", "&~"}


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
    unequal = [(size, a, b) for size, a, b in pairs if a != b]
    if len(unequal) > _MOST_LOOKED_AT:
        return None
    found = [(size, resolved(a), resolved(b)) for size, a, b in unequal]
    if any(isinstance(a, int) and isinstance(b, int) and a != b for _, a, b in found):
        return int(operator == "!=")
    unknown = [(size, a, b) for size, a, b in found if a != b]
    if len(unknown) > _MOST_COMPARED:
        return None
    same: Scalar = 1
    for size, a, b in unknown:
        same = fold_binary(text, "&", same, fold_binary(text, "==", a, b, size, size), 1, 1)
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
    places = {0}
    for parts in (left, right):
        place = 0
        for size, _ in parts:
            place += size
            places.add(place)
    found = []
    for low, high in pairwise(sorted(places)):
        a, b = (within(parts, low, high - low, cut) for parts in (left, right))
        found.append((high - low, a, b))
    return found


def _combined(
    text: FunctionText, operator: str, left: Part, right: Part, width: int, resolved: Callable[[Part], Scalar]
) -> Part:
    """What is dear to compute is only computed where the other side does not decide. `&~`: left and not right."""
    found = _decided(operator, left, right, width)
    if found is not None:
        return found
    if isinstance(left, Later):
        right = resolved(right)
    left = resolved(left) if not isinstance(left, Later) else left
    found = _decided(operator, left, right, width)
    if found is not None:
        return found
    left, right = resolved(left), resolved(right)
    if operator == "&~":
        operator, right = "&", fold_binary(text, "^", right, (1 << width) - 1, width, width)
    return fold_binary(text, operator, left, right, width, width)


def _decided(operator: str, left: Part, right: Part, width: int) -> Part | None:
    """The result where one side is such that the other does not matter, or is the result."""
    ones = (1 << width) - 1
    if operator == "&~":
        if left == 0 or right == ones:
            return 0
        return left if right == 0 else None
    for a, b in ((left, right), (right, left)):
        if a == 0:
            return 0 if operator == "&" else b
        if a == ones and operator != "^":
            return b if operator == "&" else ones
    return left if left == right and operator != "^" else None

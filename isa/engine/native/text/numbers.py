"""Operators and built-ins on numbers: what the emitters compute while they write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...python_helpers import HELPERS, signed

_FOLDED: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "&": lambda left, right: left & right,
    "&&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "||": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
}
_SIGNED = {"<s": "<", "<=s": "<=", ">s": ">", ">=s": ">="}


def number_of_binary(operator: str, left: int, right: int, width: int) -> int | None:
    """A binary operator's result, `width` being the left operand's; None for divisions, which LLVM computes as well."""
    if operator in _FOLDED:
        return _FOLDED[operator](left, right) & ((1 << width) - 1)
    if operator in _SIGNED:
        return _FOLDED[_SIGNED[operator]](signed(left, width), signed(right, width))
    if operator in ("<<", ">>", ">>s"):
        return number_of_shift(operator, left, right, width)
    return None


def number_of_shift(operator: str, value: int, amount: int, width: int) -> int:
    """A shift of numbers, by any amount."""
    if operator == "<<":
        return (value << amount) & ((1 << width) - 1) if amount < width else 0
    if operator == ">>":
        return value >> amount if amount < width else 0
    return (signed(value, width) >> min(amount, width)) & ((1 << width) - 1)


def numbers_of_builtin(name: str, numbers: Sequence[int], width: int, extra: tuple[int, ...]) -> list[int] | None:
    """The results of a pure built-in, `width` being its first operand's; None for those that are not computed here."""
    first = numbers[0]
    helper: Any = HELPERS.get(name)
    if name == "rotate_left":
        return [helper(first, numbers[1], width)]
    if name == "rotate_right":
        rotate: Any = HELPERS["rotate_left"]
        return [rotate(first, -numbers[1] % width, width)]
    if name in ("count_trailing_zeros", "bit_reverse", "byte_reverse"):
        return [helper(first, width)]
    if name == "count_leading_zeros":
        return [width - first.bit_length()]
    if name == "count_ones":
        return [first.bit_count()]
    if name == "replicate":
        return [helper(first, width, extra[0])]
    if name == "add_with_carry":
        return list(helper(*numbers, width))
    if name.startswith("saturate_"):
        return list(helper(first, width, extra[0]))
    return None

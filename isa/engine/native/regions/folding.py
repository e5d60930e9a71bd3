"""Operators on values of which some are known: numbers are computed now, the rest becomes IR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...python_helpers import HELPERS, signed
from ..builtin_text import emit_builtin
from ..operators import binary, resize
from ..text import FunctionText
from .values import Scalar

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
_COMPARES = {"==": 1, "!=": 0, "<": 0, "<=": 1, ">": 0, ">=": 1, "<s": 0, "<=s": 1, ">s": 0, ">=s": 1}
"""What a comparison of a value with itself gives."""


def fold_binary(text: FunctionText, operator: str, left: Scalar, right: Scalar, width: int, right_width: int) -> Scalar:
    """`width` is the left operand's."""
    mask = (1 << width) - 1
    if isinstance(left, int) and isinstance(right, int):
        if operator in _FOLDED:
            return _FOLDED[operator](left, right) & mask
        if operator in _SIGNED:
            return _FOLDED[_SIGNED[operator]](signed(left, width), signed(right, width))
        if operator in ("<<", ">>", ">>s"):
            return fold_shift(operator, left, right, width)
    if operator in ("&", "&&"):
        if left == 0 or right == 0:
            return 0
        if left == mask:
            return right
        if right == mask:
            return left
    elif operator in ("|", "||", "+", "^"):
        if left == 0:
            return right
        if right == 0:
            return left
        if operator in ("|", "||") and mask in (left, right):
            return mask
    elif (operator == "-" or operator in ("<<", ">>", ">>s")) and right == 0:
        return left
    if left == right and operator in _COMPARES:
        return _COMPARES[operator]
    return binary(text, operator, str(left), str(right), width, right_width)


def fold_shift(operator: str, value: int, amount: int, width: int) -> int:
    """A shift of numbers, by any amount."""
    if operator == "<<":
        return (value << amount) & ((1 << width) - 1) if amount < width else 0
    if operator == ">>":
        return value >> amount if amount < width else 0
    return (signed(value, width) >> min(amount, width)) & ((1 << width) - 1)


def fold_resize(text: FunctionText, value: Scalar, width: int, to: int, is_signed: bool = False) -> Scalar:
    """A value extended or cut to `to` bits."""
    if isinstance(value, int):
        return (signed(value, width) if is_signed else value) & ((1 << to) - 1)
    return resize(text, value, width, to, is_signed)


def fold_shift_text(text: FunctionText, operator: str, value: Scalar, amount: Scalar, width: int, amount_width: int) -> Scalar:
    """A shift by an amount of its own width."""
    return fold_binary(text, operator, value, amount, width, amount_width)


def fold_builtin(
    text: FunctionText, name: str, values: Sequence[tuple[Scalar, int]], extra: tuple[int, ...]
) -> list[Scalar]:
    """The results of a built-in that depends on its arguments alone."""
    numbers = [value for value, _ in values if isinstance(value, int)]
    if len(numbers) == len(values):
        found = _computed(name, numbers, values[0][1], extra)
        if found is not None:
            return found
    texts = [(str(value), width) for value, width in values]
    return list(emit_builtin(text, name, texts, extra))


def _computed(name: str, numbers: list[int], width: int, extra: tuple[int, ...]) -> list[Scalar] | None:
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

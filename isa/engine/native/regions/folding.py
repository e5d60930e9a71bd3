"""Operators on values of which some are known: numbers are computed now, the rest becomes IR."""

from __future__ import annotations

from collections.abc import Sequence

from ...python_helpers import signed
from ..bodies import number_of_binary, numbers_of_builtin
from ..text import FunctionText, binary, emit_builtin, resize
from .values import Scalar

_COMPARES = {"==": 1, "!=": 0, "<": 0, "<=": 1, ">": 0, ">=": 1, "<s": 0, "<=s": 1, ">s": 0, ">=s": 1}
"""What a comparison of a value with itself gives."""


def fold_binary(text: FunctionText, operator: str, left: Scalar, right: Scalar, width: int, right_width: int) -> Scalar:
    """`width` is the left operand's."""
    mask = (1 << width) - 1
    if isinstance(left, int) and isinstance(right, int):
        number = number_of_binary(operator, left, right, width)
        if number is not None:
            return number
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


def fold_resize(text: FunctionText, value: Scalar, width: int, to: int, is_signed: bool = False) -> Scalar:
    """A value extended or cut to `to` bits."""
    if isinstance(value, int):
        return (signed(value, width) if is_signed else value) & ((1 << to) - 1)
    return resize(text, value, width, to, is_signed)


def fold_builtin(
    text: FunctionText, name: str, values: Sequence[tuple[Scalar, int]], extra: tuple[int, ...]
) -> list[Scalar]:
    """The results of a built-in that depends on its arguments alone."""
    numbers = [value for value, _ in values if isinstance(value, int)]
    if len(numbers) == len(values):
        found = numbers_of_builtin(name, numbers, values[0][1], extra)
        if found is not None:
            return list(found)
    texts = [(str(value), width) for value, width in values]
    return list(emit_builtin(text, name, texts, extra))

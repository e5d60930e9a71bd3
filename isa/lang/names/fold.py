"""Builds typed expressions, computing at once what is constant."""

from __future__ import annotations

from collections.abc import Callable
from operator import add, and_, mul, or_, sub, xor

from ...model.code import Binary, Concat, Const, DynamicSlice, Expression, Extend, Select, Slice, Unary
from .types import wrap

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "<s", "<=s", ">s", ">=s"})
LOGICAL = frozenset({"&&", "||"})
SHIFTS = frozenset({"<<", ">>", ">>s"})
EXACT: dict[str, Callable[[int, int], int]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "&": and_,
    "|": or_,
    "^": xor,
}
"""What needs no width until its result is cut to one."""


def signed(value: int, width: int) -> int:
    """The signed number that a pattern of `width` bits stands for."""
    return value - (1 << width) if value >> (width - 1) & 1 else value


def compute(operator: str, left: int, right: int, width: int) -> int:
    """One binary operation on patterns of `width` bits (of the left operand); total, as the language manual says."""
    mask = (1 << width) - 1
    if operator in COMPARISONS:
        if operator.endswith("s"):
            left, right, operator = signed(left, width), signed(right, width), operator[:-1]
        return int(
            {
                "==": left == right,
                "!=": left != right,
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
            }[operator]
        )
    if operator == "&&":
        return left & right
    if operator == "||":
        return left | right
    if operator == "<<":
        return left << right & mask if right < width else 0
    if operator == ">>":
        return left >> right if right < width else 0
    if operator == ">>s":
        return wrap(signed(left, width) >> min(right, width - 1), width)
    if operator in ("/", "%"):
        return 0 if right == 0 else (left // right if operator == "/" else left % right)
    if operator in ("/s", "%s"):
        return _signed_division(operator, signed(left, width), signed(right, width)) & mask
    return EXACT[operator](left, right) & mask


def _signed_division(operator: str, left: int, right: int) -> int:
    if right == 0:
        return 0
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if operator == "/s" else left - quotient * right


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    """A binary operation; its width is the left side's, or 1 for comparisons and logic."""
    width = 1 if operator in COMPARISONS or operator in LOGICAL else left.width
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(compute(operator, left.value, right.value, left.width), width)
    if operator in LOGICAL and isinstance(left, Const):
        if bool(left.value) == (operator == "&&"):
            return right
        return left
    return Binary(operator, left, right, width)


def unary(operator: str, operand: Expression) -> Expression:
    """`-`, `~` or `!`."""
    if isinstance(operand, Const):
        value = -operand.value if operator == "-" else ~operand.value
        return Const(wrap(value, operand.width), operand.width)
    return Unary(operator, operand, operand.width)


def extend(operand: Expression, is_signed: bool, width: int) -> Expression:
    """Zero or sign extension; nothing if the width is the same."""
    if operand.width == width:
        return operand
    if isinstance(operand, Const):
        return Const(wrap(signed(operand.value, operand.width) if is_signed else operand.value, width), width)
    return Extend(operand, is_signed, width)


def slice_of(operand: Expression, low: int, width: int) -> Expression:
    """Constant slice; slices of slices become one."""
    if operand.width == width:
        return operand
    if isinstance(operand, Const):
        return Const(wrap(operand.value >> low, width), width)
    if isinstance(operand, Slice):
        return Slice(operand.operand, operand.low + low, width)
    return Slice(operand, low, width)


def dynamic_slice(operand: Expression, low: Expression, width: int) -> Expression:
    """Slice at a computed bit."""
    if isinstance(low, Const):
        value = (
            extend(operand, False, max(operand.width, low.value + width))
            if low.value + width > operand.width
            else operand
        )
        return slice_of(value, low.value, width)
    return DynamicSlice(operand, low, width)


def concat(parts: list[Expression]) -> Expression:
    """Concatenation from the most significant part on; joins constants and inner concatenations."""
    flat: list[Expression] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Concat) else (part,):
            previous = flat[-1] if flat else None
            if isinstance(piece, Const) and isinstance(previous, Const):
                flat[-1] = Const(previous.value << piece.width | piece.value, previous.width + piece.width)
            else:
                flat.append(piece)
    if len(flat) == 1:
        return flat[0]
    return Concat(tuple(flat), sum(part.width for part in flat))


def select(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """A choice between two values."""
    if isinstance(condition, Const):
        return then if condition.value else otherwise
    return Select(condition, then, otherwise, then.width)

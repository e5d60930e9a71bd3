"""Values of which it is known how far they are from something unknown, or which number they are (see `followed`)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ....model import code
from ....model.code import Body

PLAIN = 32
"""Bits of an address that have to be kept for it to count as the same."""
NUMBER = "number"
"""The origin of numbers."""
_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "&": operator.and_, "|": operator.or_,
    "<<": lambda left, right: left << min(right, 128), "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """`origin` + something from `low` to `high`. Equal origins are the same unknown value."""

    origin: object
    low: int = 0
    high: int = 0


def exact_number(value: Value) -> int | None:
    return value.low if value.origin == NUMBER and value.low == value.high else None


def _signed(value: int, width: int) -> int:
    value &= (1 << width) - 1
    return value - (1 << width) if value >> width - 1 else value


def joined_number(e: code.Concat, parts: Sequence[Value]) -> Value | None:
    """A concatenation of known numbers."""
    whole = 0
    for part, value in zip(e.parts, parts, strict=True):
        number = exact_number(value)
        if number is None:
            return None
        whole = whole << part.width | number & (1 << part.width) - 1
    return Value(NUMBER, whole, whole)


def cut_number(e: code.Extend | code.Slice, operand: Value) -> Value | None:
    """An extension or a slice of a known number."""
    number = exact_number(operand)
    if number is None:
        return None
    if isinstance(e, code.Extend) and e.signed:
        number = _signed(number, e.operand.width)
    whole = number >> (e.low if isinstance(e, code.Slice) else 0) & (1 << e.width) - 1
    return Value(NUMBER, whole, whole)


def sum_of(e: code.Binary, left: Value, right: Value) -> Value | None:
    """What is known of an addition, a mask, a multiplication or a shift; None: nothing."""
    number, other = exact_number(right), exact_number(left)
    if number is not None and other is not None and e.operator in _ARITHMETIC:
        whole = _ARITHMETIC[e.operator](other, number) & (1 << e.width) - 1
        return Value(NUMBER, whole, whole)
    if e.width < PLAIN:
        return None
    if e.operator == "&" and number is not None and not ~number & (1 << PLAIN) - 1:
        return left
    if e.operator == "+" and right.origin != NUMBER:
        left, right = right, left
    if e.operator in ("+", "-") and right.origin == NUMBER:
        low, high = _signed(right.low, e.width), _signed(right.high, e.width)
        if low <= high:
            low, high = (low, high) if e.operator == "+" else (-high, -low)
            return Value(left.origin, left.low + low, left.high + high)
    return None


def number_of(value: int) -> Value:
    """A known number."""
    return Value(NUMBER, value, value)


def unary_number(e: code.Unary, operand: Value) -> Value | None:
    """The opposite or the complement of a known number."""
    number = exact_number(operand)
    if number is None:
        return None
    return number_of((-number if e.operator == "-" else ~number) & (1 << e.width) - 1)


def sliced_number(e: code.DynamicSlice, operand: Value, low: Value) -> Value | None:
    """Bits of a known number from a known one upwards."""
    number, start = exact_number(operand), exact_number(low)
    if number is None or start is None:
        return None
    return number_of(number >> start & (1 << e.width) - 1)


def case_of(s: code.Switch, subject: int) -> Body:
    """What a switch does for a value."""
    for case in s.cases:
        if any(first <= subject <= last for first, last in case.ranges):
            return case.body
    return s.default

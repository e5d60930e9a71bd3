"""Values: numbers, and addresses whose section has no place yet; arithmetic on both.

The results of the operators follow GNU as (its manual, "Infix Operators"): comparisons give -1 or 0, `>>` is
logical on 64 bits, division truncates toward zero.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..text.diagnostics import SourceError

MASK64 = (1 << 64) - 1
MAX_BITS = 256
"""A value that needs more bits is refused, so that a few characters cannot ask for gigabytes."""


class Relative(Struct, frozen=True):
    """An address whose section has no place yet: `offset` bytes into `section`.

    Two of them can be subtracted when section and `epoch` agree: no instruction or alignment of
    unknown length lies between them.
    """

    section: str
    epoch: int
    offset: int


Value = int | Relative


class NotKnownYet(SourceError):
    """The value depends on addresses that are not fixed at this point."""


def number_of(value: Value) -> int:
    """The number that `value` is.  Raises NotKnownYet for an address that is not fixed."""
    if isinstance(value, Relative):
        raise NotKnownYet(
            f"this needs the address of something in {value.section}, which is fixed only after layout",
            hint="use a constant, or the difference of two labels with only fixed-size code between them",
        )
    return value


def combine(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`.  Raises SourceError where it has no result, NotKnownYet where it has none yet."""
    if isinstance(left, Relative) or isinstance(right, Relative):
        return _combine_addresses(operator, left, right)
    if operator in _SIMPLE:
        result = _SIMPLE[operator](left, right)
    elif operator in ("<<", ">>"):
        if not 0 <= right < MAX_BITS:
            raise SourceError(f"cannot shift by {right}", hint=f"the count must lie in 0..{MAX_BITS - 1}")
        result = left << right if operator == "<<" else (left & MASK64 if left < 0 else left) >> right
    else:
        if right == 0:
            raise SourceError("division by zero")
        quotient = abs(left) // abs(right)
        quotient = quotient if (left < 0) == (right < 0) else -quotient
        result = quotient if operator == "/" else left - quotient * right
    if result.bit_length() > MAX_BITS:
        raise SourceError(f"the value needs {result.bit_length()} bits, more than {MAX_BITS}")
    return result


_SIMPLE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "!": lambda a, b: a | ~b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: -int(a == b),
    "!=": lambda a, b: -int(a != b),
    "<": lambda a, b: -int(a < b),
    ">": lambda a, b: -int(a > b),
    "<=": lambda a, b: -int(a <= b),
    ">=": lambda a, b: -int(a >= b),
    "&&": lambda a, b: int(bool(a) and bool(b)),
    "||": lambda a, b: int(bool(a) or bool(b)),
}


def _combine_addresses(operator: str, left: Value, right: Value) -> Value:
    if isinstance(left, Relative) and isinstance(right, Relative):
        if left.section == right.section and left.epoch == right.epoch:
            return combine(operator, left.offset, right.offset)
        number_of(left)
    if operator == "+" and isinstance(right, Relative) and isinstance(left, int):
        return Relative(right.section, right.epoch, right.offset + left)
    if isinstance(left, Relative) and isinstance(right, int) and operator in "+-":
        return Relative(left.section, left.epoch, left.offset + (right if operator == "+" else -right))
    return number_of(left if isinstance(left, Relative) else right)

"""Expressions: their tree, their values, and how a value is taken.

The operators, their precedence and their results follow GNU as (its manual, "Infix Operators"):
comparisons give -1 or 0, `>>` is logical on 64 bits, division truncates toward zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .diagnostics import SourceError

MASK64 = (1 << 64) - 1
MAX_BITS = 256
"""A value that needs more bits is refused, so that a few characters cannot ask for gigabytes."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: int


@dataclass(frozen=True, slots=True)
class SymbolRef:
    """The value of a symbol as file number `scope` sees it.

    `offset` is where the name stands in its statement; it does not count in comparisons.
    """

    name: str
    offset: int = field(default=0, compare=False)
    scope: int = 0


@dataclass(frozen=True, slots=True)
class Here:
    """`.`: the address of what is being assembled."""


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `~x` or `!x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a value: `sym@ha`, `sym@l`, `:lower16:sym`."""

    part: str
    operand: Expression


Expression = Number | SymbolRef | Here | Unary | Binary | Part


@dataclass(frozen=True, slots=True)
class Relative:
    """An address whose section has no place yet: `offset` bytes into `section`.

    Two of them can be subtracted when section and `epoch` agree: no instruction or alignment of
    unknown length lies between them.
    """

    section: str
    epoch: int
    offset: int


Value = int | Relative

PARTS: dict[str, Callable[[int], int]] = {
    "l": lambda v: v & 0xFFFF,
    "h": lambda v: (v >> 16) & 0xFFFF,
    "ha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "high": lambda v: (v >> 16) & 0xFFFF,
    "higha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "higher": lambda v: (v >> 32) & 0xFFFF,
    "highera": lambda v: ((v + 0x8000) >> 32) & 0xFFFF,
    "highest": lambda v: (v >> 48) & 0xFFFF,
    "highesta": lambda v: ((v + 0x8000) >> 48) & 0xFFFF,
    "lower16": lambda v: v & 0xFFFF,
    "upper16": lambda v: (v >> 16) & 0xFFFF,
}
"""The 16-bit parts of an address.  Source: 64-bit PowerPC ELF ABI supplement, 4.5.1 (`#lo`, `#hi`,
`#ha` …); ELF for the Arm Architecture, MOVW/MOVT relocations."""


class NotKnownYet(SourceError):
    """The value depends on addresses that are not fixed at this point."""


Lookup = Callable[[SymbolRef], Value]


def symbols_of(expression: Expression) -> list[str]:
    """The names that `expression` refers to, in order, with repeats."""
    match expression:
        case SymbolRef(name):
            return [name]
        case Unary(_, operand) | Part(_, operand):
            return symbols_of(operand)
        case Binary(_, left, right):
            return symbols_of(left) + symbols_of(right)
        case _:
            return []


def is_pointer(expression: Expression) -> bool:
    """Whether the value is a place in a program: a symbol, perhaps with a distance added to it."""
    match expression:
        case SymbolRef():
            return True
        case Binary("+" | "-", left, right):
            return is_pointer(left) and not symbols_of(right)
        case _:
            return False


def with_here(expression: Expression, here: Expression) -> Expression:
    """`expression` with `here` in the place of every `.`."""
    match expression:
        case Here():
            return here
        case Unary(operator, operand):
            return Unary(operator, with_here(operand, here))
        case Part(part, operand):
            return Part(part, with_here(operand, here))
        case Binary(operator, left, right):
            return Binary(operator, with_here(left, here), with_here(right, here))
        case _:
            return expression


def evaluate(expression: Expression, lookup: Lookup, here: Value | None) -> Value:
    """The value of `expression`.

    Raises NotKnownYet if it needs an address that is not fixed, SourceError for a division by zero,
    a value that is too large, and whatever `lookup` raises.
    """
    match expression:
        case Number(value):
            return value
        case SymbolRef():
            return lookup(expression)
        case Here():
            if here is None:
                raise NotKnownYet("'.' has no value here")
            return here
        case Unary(operator, operand):
            value = _number(evaluate(operand, lookup, here))
            if operator == "-":
                return -value
            return ~value if operator == "~" else int(value == 0)
        case Part(part, operand):
            return PARTS[part](_number(evaluate(operand, lookup, here)))
        case Binary(operator, left, right):
            return _combine(operator, evaluate(left, lookup, here), evaluate(right, lookup, here))


def evaluate_number(expression: Expression, lookup: Lookup, here: Value | None) -> int:
    """As `evaluate`, but an address that is not fixed yet is refused with NotKnownYet."""
    return _number(evaluate(expression, lookup, here))


def _number(value: Value) -> int:
    if isinstance(value, Relative):
        raise NotKnownYet(
            f"this needs the address of something in {value.section}, which is fixed only after layout",
            hint="use a constant, or the difference of two labels with only fixed-size code between them",
        )
    return value


def _combine(operator: str, left: Value, right: Value) -> Value:
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
            return _combine(operator, left.offset, right.offset)
        _number(left)
    if operator == "+" and isinstance(right, Relative) and isinstance(left, int):
        return Relative(right.section, right.epoch, right.offset + left)
    if isinstance(left, Relative) and isinstance(right, int) and operator in "+-":
        return Relative(left.section, left.epoch, left.offset + (right if operator == "+" else -right))
    return _number(left if isinstance(left, Relative) else right)

"""What generated code calls: the operators that are more than one of Python's, on 64-bit values."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from .errors import AgentError
from .opcodes import Op

MASK: Final = (1 << 64) - 1


def signed(value: int, bits: int = 64) -> int:
    """The value of the low bits as two's complement has it."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def divide(a: int, b: int) -> int:
    """Quotient rounded towards zero, as in C. Raises AgentError."""
    if b == 0:
        raise AgentError("the expression divides by zero")
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def divide_signed(a: int, b: int) -> int:
    """Of 64-bit patterns."""
    return divide(signed(a), signed(b)) & MASK


def remainder_signed(a: int, b: int) -> int:
    """Has the sign of the dividend."""
    first, second = signed(a), signed(b)
    return first - second * divide(first, second) & MASK


def remainder(a: int, b: int) -> int:
    """Of unsigned values."""
    return a - b * divide(a, b)


def shift_left(a: int, b: int) -> int:
    """By the width or more: nothing is left."""
    return a << b & MASK if b < 64 else 0


def shift_right(a: int, b: int) -> int:
    """Zeros come in."""
    return a >> b if b < 64 else 0


def shift_right_signed(a: int, b: int) -> int:
    """Copies of the sign come in."""
    return signed(a) >> min(b, 63) & MASK


def double_of(bits: int) -> float:
    """The number that a stack entry is behind the prefix `float`."""
    value: float = struct.unpack("<d", bits.to_bytes(8, "little"))[0]
    return value


def bits_of(value: float) -> int:
    """A double as a stack entry."""
    return int.from_bytes(struct.pack("<d", value), "little")


def widened(bits: int) -> int:
    """A single as it stands in memory, as a double's stack entry."""
    return bits_of(struct.unpack("<f", bits.to_bytes(4, "little"))[0])


def from_integer(value: int) -> int:
    """The double of a signed integer."""
    return bits_of(float(signed(value)))


def to_integer(bits: int) -> int:
    """A double, cut to an integer. Raises AgentError for what is none."""
    try:
        return int(double_of(bits)) & MASK
    except (ValueError, OverflowError) as error:
        raise AgentError(f"the expression makes an integer of {double_of(bits)}") from error


def _divided(a: float, b: float) -> float:
    if b == 0:
        raise AgentError("the expression divides by zero")
    return a / b


_FLOATING: Final[Mapping[int, Callable[[float, float], float]]] = MappingProxyType({
    Op.ADD: operator.add, Op.SUB: operator.sub, Op.MUL: operator.mul, Op.DIV_SIGNED: _divided,
})  # fmt: skip
_COMPARING: Final[Mapping[int, Callable[[float, float], bool]]] = MappingProxyType({
    Op.EQUAL: operator.eq, Op.LESS_SIGNED: operator.lt,
})  # fmt: skip
FLOATING: Final = frozenset({*_FLOATING, *_COMPARING})
"""Opcodes that the prefix `float` may stand before."""


def floating(opcode: int, a: int, b: int) -> int:
    """An operator behind the prefix `float`, on doubles."""
    first, second = double_of(a), double_of(b)
    if opcode in _COMPARING:
        return int(_COMPARING[opcode](first, second))
    return bits_of(_FLOATING[opcode](first, second))

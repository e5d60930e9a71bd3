"""Operators that generated code cannot write in one short expression. Operands are unsigned patterns.

`width` is the width of the first operand in bits. All are total: docs/reference/language.md, section 6.
"""

from __future__ import annotations

from .errors import Interrupt
from .fp import (
    EQUAL,
    GREATER,
    LESS,
    UNORDERED,
    fp_add,
    fp_compare,
    fp_convert,
    fp_div,
    fp_fma,
    fp_from_int,
    fp_mul,
    fp_round_to_integral,
    fp_sqrt,
    fp_sub,
    fp_to_int,
)


def shift_left(value: int, amount: int, width: int) -> int:
    """value << amount; 0 from `width` on (and no huge number on the way)."""
    return (value << amount) & ((1 << width) - 1) if amount < width else 0


def divide(left: int, right: int) -> int:
    """Unsigned quotient; 0 when divided by 0."""
    return left // right if right else 0


def remainder(left: int, right: int) -> int:
    """Unsigned remainder; 0 when divided by 0."""
    return left % right if right else 0


def signed(value: int, width: int) -> int:
    """The signed number that a pattern stands for."""
    return value - (1 << width) if value >> (width - 1) else value


def divide_signed(left: int, right: int, width: int) -> int:
    """Signed quotient, rounded toward zero; 0 when divided by 0; the smallest number by -1 gives itself."""
    if not right:
        return 0
    dividend, divisor = signed(left, width), signed(right, width)
    quotient = abs(dividend) // abs(divisor)
    return (-quotient if (dividend < 0) != (divisor < 0) else quotient) & ((1 << width) - 1)


def remainder_signed(left: int, right: int, width: int) -> int:
    """Signed remainder with the dividend's sign; 0 when divided by 0."""
    if not right:
        return 0
    dividend = signed(left, width)
    rest = abs(dividend) % abs(signed(right, width))
    return (-rest if dividend < 0 else rest) & ((1 << width) - 1)


def rotate_left(value: int, amount: int, width: int) -> int:
    """Rotation by `amount` modulo the width."""
    amount %= width
    return ((value << amount) | (value >> (width - amount))) & ((1 << width) - 1)


def count_trailing_zeros(value: int, width: int) -> int:
    """Zero bits below the lowest one; `width` for 0."""
    return (value & -value).bit_length() - 1 if value else width


def bit_reverse(value: int, width: int) -> int:
    """Bit i becomes bit width - 1 - i."""
    return int(f"{value:0{width}b}"[::-1], 2)


def byte_reverse(value: int, width: int) -> int:
    """The bytes in the opposite order; the width is a multiple of 8."""
    return int.from_bytes(value.to_bytes(width // 8, "little"), "big")


def replicate(value: int, width: int, times: int) -> int:
    """`value` repeated `times` times."""
    result = 0
    for _ in range(times):
        result = result << width | value
    return result


def insert(base: int, low: int, value: int, value_width: int, width: int) -> int:
    """`base` with `value` in place of its bits from `low` upwards; what lies beyond the end is dropped."""
    if low >= width:
        return base
    hole = ((1 << value_width) - 1) << low
    return ((base & ~hole) | value << low) & ((1 << width) - 1)


def add_with_carry(left: int, right: int, carry: int, width: int) -> tuple[int, int, int]:
    """(sum, carry out, signed overflow) of left + right + carry."""
    whole = left + right + carry
    total = whole & ((1 << width) - 1)
    return total, whole >> width, ((left ^ total) & (right ^ total)) >> (width - 1)


def saturate_signed(value: int, width: int, bits: int) -> tuple[int, int]:
    """Signed `value` clamped to a signed number of `bits` bits: (pattern, whether it was clamped)."""
    number, limit = signed(value, width), 1 << (bits - 1)
    clamped = min(max(number, -limit), limit - 1)
    return clamped & ((1 << bits) - 1), 1 if clamped != number else 0


def saturate_unsigned(value: int, width: int, bits: int) -> tuple[int, int]:
    """Signed `value` clamped to an unsigned number of `bits` bits: (pattern, whether it was clamped)."""
    number = signed(value, width)
    clamped = min(max(number, 0), (1 << bits) - 1)
    return clamped, 1 if clamped != number else 0


_RELATIONS = {LESS: 0, EQUAL: 1, GREATER: 2, UNORDERED: 3}


def fp_relation(left: int, right: int, width: int) -> tuple[int, int]:
    """(0 less, 1 equal, 2 greater, 3 unordered; flags), as the language numbers them."""
    relation, flags = fp_compare(left, right, width)
    return _RELATIONS[relation], flags


HELPERS: dict[str, object] = {
    function.__name__: function
    for function in (
        shift_left, divide, remainder, divide_signed, remainder_signed, rotate_left, count_trailing_zeros, bit_reverse,
        byte_reverse, replicate, insert, add_with_carry, saturate_signed, saturate_unsigned, fp_add, fp_sub, fp_mul,
        fp_div, fp_fma, fp_sqrt, fp_round_to_integral, fp_relation, fp_convert, fp_to_int, fp_from_int, Interrupt,
    )
}  # fmt: skip
"""What generated code finds in its namespace."""

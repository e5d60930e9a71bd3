"""Arithmetic and comparison of floating-point numbers by the host's instructions, with the exact rounding error.

The rounding error of a sum, a product, a quotient, a root or a fused multiply-add is a number of the format, or the sum
of two (Dekker 1971; Boldo, Muller: Exact and Approximated Error of the FMA, 2011), where nothing on the way leaves the
format: its value tells whether the result is inexact and its sign whether it was rounded up. Whether that is so is seen
from the result wherever possible. What overflowed, and what came of an infinity or a NaN, is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..text import FunctionText
from .quick import (
    FORMATS,
    Format,
    Quick,
    Way,
    exact,
    is_finite,
    is_within,
    is_zero,
    number,
    only_if,
    only_if_either,
    pattern,
    signs_differ,
    told,
)

_SPARE = 2
"""How many of the largest exponents are left alone: sums on the way, and the next number, stay below infinity."""


def _lowest(form: Format) -> int:
    """The biased exponent from which on a product's error is a number of the format."""
    return form.fraction + 3


def _highest(form: Format) -> int:
    return form.exponents - 1 - _SPARE


def _fused(text: FunctionText, form: Format, left: str, right: str, other: str) -> str:
    type_ = form.type
    return text.value(f"call {type_} @llvm.fma.{form.suffix}({type_} {left}, {type_} {right}, {type_} {other})")


def _negated(text: FunctionText, form: Format, value: str) -> str:
    return text.value(f"fneg {form.type} {value}")


def _numbers(text: FunctionText, form: Format, patterns: Sequence[str]) -> list[str]:
    return [number(text, form, bits) for bits in patterns]


def _two_sum(text: FunctionText, form: Format, left: str, right: str) -> tuple[str, str]:
    """The rounded sum and its error."""
    type_ = form.type
    total = text.value(f"fadd {type_} {left}, {right}")
    of_right = text.value(f"fsub {type_} {total}, {left}")
    of_left = text.value(f"fsub {type_} {total}, {of_right}")
    left_error = text.value(f"fsub {type_} {left}, {of_left}")
    right_error = text.value(f"fsub {type_} {right}, {of_right}")
    return total, text.value(f"fadd {type_} {left_error}, {right_error}")


# Sums: a result that is subnormal is exact.


def _terms(text: FunctionText, form: Format, minus: bool, operands: Sequence[str]) -> list[str]:
    left, right = _numbers(text, form, operands)
    return [left, _negated(text, form, right) if minus else right]


def _add(
    form: Format, minus: bool, text: FunctionText, operands: Sequence[str], rounding: str, slow: str
) -> str:
    left, right = _terms(text, form, minus, operands)
    total = pattern(text, form, text.value(f"fadd {form.type} {left}, {right}"))
    only_if(text, is_within(text, form, total, 0, _highest(form)), slow)
    return total


def _add_told(
    form: Format, minus: bool, text: FunctionText, operands: Sequence[str], result: str
) -> tuple[str, str]:
    total, error = _two_sum(text, form, *_terms(text, form, minus, operands))
    return told(text, form, error, signs_differ(text, form, [total, error]))


# Products: zero is exact where a factor is zero.


def _only_if_product(text: FunctionText, form: Format, factors: Sequence[str], product: str, slow: str) -> None:
    def is_plain_zero() -> str:
        zeros = [is_zero(text, form, factor) for factor in factors]
        either = text.value(f"or i1 {zeros[0]}, {zeros[1]}")
        return text.value(f"and i1 {either}, {is_zero(text, form, product)}")

    only_if_either(text, is_within(text, form, product, _lowest(form), _highest(form)), is_plain_zero, slow)


def _mul(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    left, right = _numbers(text, form, operands)
    product = pattern(text, form, text.value(f"fmul {form.type} {left}, {right}"))
    _only_if_product(text, form, operands, product, slow)
    return product


def _mul_told(form: Format, text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    left, right, product = _numbers(text, form, [*operands, result])
    error = _fused(text, form, left, right, _negated(text, form, product))
    return told(text, form, error, signs_differ(text, form, [product, error]))


def _fma(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    """The error of the product is a number, so what is subnormal in the end is exact."""
    left, right, other = _numbers(text, form, operands)
    product = pattern(text, form, text.value(f"fmul {form.type} {left}, {right}"))
    _only_if_product(text, form, operands[:2], product, slow)
    result = pattern(text, form, _fused(text, form, left, right, other))
    only_if(text, is_within(text, form, result, 0, _highest(form)), slow)
    return result


def _fma_told(form: Format, text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    """The error is the sum of two numbers, of which the first is 0 only if the second one decides."""
    type_ = form.type
    left, right, other, rounded = _numbers(text, form, [*operands, result])
    product = text.value(f"fmul {type_} {left}, {right}")
    of_product = _fused(text, form, left, right, _negated(text, form, product))
    upper, lower = _two_sum(text, form, other, of_product)
    total, of_total = _two_sum(text, form, product, upper)
    gamma = text.value(f"fadd {type_} {text.value(f'fsub {type_} {total}, {rounded}')}, {of_total}")
    error = text.value(f"fadd {type_} {gamma}, {lower}")
    return told(text, form, error, signs_differ(text, form, [rounded, error]))


# Quotients and roots: what is left of the dividend, or of the number, is a number of the format.


def _div(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    left, right = _numbers(text, form, operands)
    quotient = pattern(text, form, text.value(f"fdiv {form.type} {left}, {right}"))

    def is_plain_zero() -> str:
        zero = text.value(f"and i1 {is_zero(text, form, operands[0])}, {is_zero(text, form, quotient)}")
        return text.value(f"and i1 {zero}, {is_finite(text, form, operands[1])}")

    large = is_within(text, form, operands[0], 2 * form.fraction, _highest(form))
    normal = is_within(text, form, quotient, 1 + _SPARE, _highest(form))
    only_if_either(text, text.value(f"and i1 {large}, {normal}"), is_plain_zero, slow)
    return quotient


def _div_told(form: Format, text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    left, right, quotient = _numbers(text, form, [*operands, result])
    rest = _fused(text, form, _negated(text, form, quotient), right, left)
    return told(text, form, rest, signs_differ(text, form, [quotient, rest, right]))


def _sqrt(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    large = is_within(text, form, operands[0], 2 * form.fraction, form.exponents - 1)
    positive = text.value(f"icmp sgt i{form.width} {operands[0]}, 0")
    only_if_either(text, text.value(f"and i1 {large}, {positive}"), lambda: is_zero(text, form, operands[0]), slow)
    value = number(text, form, operands[0])
    root = text.value(f"call {form.type} @llvm.sqrt.{form.suffix}({form.type} {value})")
    return pattern(text, form, root)


def _sqrt_told(form: Format, text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    value, root = _numbers(text, form, [*operands, result])
    rest = _fused(text, form, _negated(text, form, root), root, value)
    return told(text, form, rest, signs_differ(text, form, [rest]))


def _compare(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    """Of anything but NaNs."""
    type_ = form.type
    left, right = _numbers(text, form, operands)
    only_if(text, text.value(f"fcmp ord {type_} {left}, {right}"), slow)
    less = text.value(f"fcmp olt {type_} {left}, {right}")
    equal = text.value(f"fcmp oeq {type_} {left}, {right}")
    other = text.value(f"select i1 {equal}, i2 1, i2 2")
    return text.value(f"select i1 {less}, i2 0, i2 {other}")


def _ways() -> dict[Quick, Way]:
    found: dict[Quick, Way] = {}
    for width, form in FORMATS.items():
        found |= {
            Quick("fp_add", width, width): Way(2, partial(_add, form, False), partial(_add_told, form, False), True),
            Quick("fp_sub", width, width): Way(2, partial(_add, form, True), partial(_add_told, form, True), True),
            Quick("fp_mul", width, width): Way(2, partial(_mul, form), partial(_mul_told, form), True),
            Quick("fp_fma", width, width): Way(3, partial(_fma, form), partial(_fma_told, form), True),
            Quick("fp_div", width, width): Way(2, partial(_div, form), partial(_div_told, form), True),
            Quick("fp_sqrt", width, width): Way(1, partial(_sqrt, form), partial(_sqrt_told, form), True),
            Quick("fp_compare", width, 2): Way(2, partial(_compare, form), exact),
        }
    return found


ARITHMETIC = _ways()

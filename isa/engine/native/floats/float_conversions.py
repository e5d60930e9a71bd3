"""Quick conversions: between formats, to and from integers, and to integral numbers.

An operand and its result tell how far rounding went: each of them is a number of the wider side.
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

_SINGLE, _DOUBLE = FORMATS[32], FORMATS[64]
_ROUNDINGS = ("roundeven", "trunc", "ceil", "floor")
"""By number. What is left, to nearest away from zero, is written with `trunc`."""
_AWAY = len(_ROUNDINGS)


# Between formats


def _widen(text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    only_if(text, is_finite(text, _SINGLE, operands[0]), slow)
    return pattern(text, _DOUBLE, text.value(f"fpext float {number(text, _SINGLE, operands[0])} to double"))


def _narrow(text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    """The next numbers on both sides are normal, too: none is a double that overflows or underflows."""
    value = number(text, _DOUBLE, operands[0])
    narrow = pattern(text, _SINGLE, text.value(f"fptrunc double {value} to float"))
    normal = is_within(text, _SINGLE, narrow, 2, _SINGLE.exponents - 2)
    only_if_either(text, normal, lambda: is_zero(text, _DOUBLE, operands[0]), slow)
    return narrow


def _narrow_told(text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    value = number(text, _DOUBLE, operands[0])
    back = text.value(f"fpext float {number(text, _SINGLE, result)} to double")
    error = text.value(f"fsub double {value}, {back}")
    return told(text, _DOUBLE, error, signs_differ(text, _DOUBLE, [back, error]))


# To integers


def _is_known(text: FunctionText, rounding: str) -> str:
    """Whether there is such a rounding."""
    return str(int(int(rounding) <= _AWAY)) if rounding.isdigit() else text.value(f"icmp ule i3 {rounding}, {_AWAY}")


def _rounded(text: FunctionText, form: Format, value: str, rounding: str) -> str:
    """A number as an integral one."""
    type_ = form.type
    if rounding.isdigit() and int(rounding) < _AWAY:
        return text.value(f"call {type_} @llvm.{_ROUNDINGS[int(rounding)]}.{form.suffix}({type_} {value})")
    # The largest number below one half: with one half itself the sum could be rounded up to the next integer.
    half = "0x3FDFFFFFFFFFFFFF" if form is _DOUBLE else "0x3FDFFFFFE0000000"
    signed = text.value(f"call {type_} @llvm.copysign.{form.suffix}({type_} {half}, {type_} {value})")
    moved = text.value(f"fadd {type_} {value}, {signed}")
    found = text.value(f"call {type_} @llvm.trunc.{form.suffix}({type_} {moved})")
    if rounding.isdigit():
        return found
    for at, name in enumerate(_ROUNDINGS):
        chosen = text.value(f"icmp eq i3 {rounding}, {at}")
        other = text.value(f"call {type_} @llvm.{name}.{form.suffix}({type_} {value})")
        found = text.value(f"select i1 {chosen}, {type_} {other}, {type_} {found}")
    return found


def _to_integer(
    form: Format, to: int, signed: bool, text: FunctionText, operands: Sequence[str], rounding: str, slow: str
) -> str:
    """Where the integer has two bits less than the result, so that rounding cannot leave its range."""
    bits = operands[0]
    small = is_within(text, form, bits, 0, (form.exponents >> 1) + to - 3)
    applies = text.value(f"and i1 {small}, {_is_known(text, rounding)}")
    if not signed:
        positive = text.value(f"icmp sge i{form.width} {bits}, 0")
        applies = text.value(f"and i1 {applies}, {positive}")
    only_if(text, applies, slow)
    return text.value(f"fptosi {form.type} {_rounded(text, form, number(text, form, bits), rounding)} to i{to}")


def _to_integer_told(
    form: Format, to: int, text: FunctionText, operands: Sequence[str], result: str
) -> tuple[str, str]:
    back = text.value(f"sitofp i{to} {result} to {form.type}")
    return _told_of_sizes(text, form, back, number(text, form, operands[0]))


def _told_of_sizes(text: FunctionText, form: Format, rounded: str, value: str) -> tuple[str, str]:
    type_ = form.type
    sizes = [text.value(f"call {type_} @llvm.fabs.{form.suffix}({type_} {one})") for one in (rounded, value)]
    inexact, up = (text.value(f"fcmp {test} {type_} {sizes[0]}, {sizes[1]}") for test in ("une", "ogt"))
    return inexact, up


def _round(form: Format, text: FunctionText, operands: Sequence[str], rounding: str, slow: str) -> str:
    finite = is_finite(text, form, operands[0])
    only_if(text, text.value(f"and i1 {finite}, {_is_known(text, rounding)}"), slow)
    value = number(text, form, operands[0])
    rounded = _rounded(text, form, value, rounding)
    type_ = form.type
    return pattern(
        text, form, text.value(f"call {type_} @llvm.copysign.{form.suffix}({type_} {rounded}, {type_} {value})")
    )


def _round_told(form: Format, text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    return _told_of_sizes(text, form, number(text, form, result), number(text, form, operands[0]))


# From integers


def _integer(text: FunctionText, width: int, signed: bool, bits: str) -> str:
    return bits if width == 64 else text.value(f"{'sext' if signed else 'zext'} i32 {bits} to i64")


def _from_integer(
    width: int, form: Format, signed: bool, text: FunctionText, operands: Sequence[str], rounding: str, slow: str
) -> str:
    """Numbers of at most 62 bits, which come back from the float they were rounded to."""
    integer = _integer(text, width, signed, operands[0])
    if width == 64:
        moved = text.value(f"add i64 {integer}, {1 << 62}") if signed else integer
        only_if(text, text.value(f"icmp ult i64 {moved}, {1 << 63 if signed else 1 << 62}"), slow)
    return pattern(text, form, text.value(f"sitofp i64 {integer} to {form.type}"))


def _from_integer_told(
    width: int, form: Format, signed: bool, text: FunctionText, operands: Sequence[str], result: str
) -> tuple[str, str]:
    integer = _integer(text, width, signed, operands[0])
    back = text.value(f"fptosi {form.type} {number(text, form, result)} to i64")
    sizes = [text.value(f"call i64 @llvm.abs.i64(i64 {one}, i1 0)") for one in (back, integer)]
    inexact, up = (text.value(f"icmp {test} i64 {sizes[0]}, {sizes[1]}") for test in ("ne", "ugt"))
    return inexact, up


def _ways() -> dict[Quick, Way]:
    found = {
        Quick("fp_convert", 32, 64): Way(1, _widen, exact),
        Quick("fp_convert", 64, 32): Way(1, _narrow, _narrow_told, True, True),
    }
    for width, form in FORMATS.items():
        found[Quick("fp_round", width, width)] = Way(1, partial(_round, form), partial(_round_told, form))
        for to in FORMATS:
            for signed, kind in ((True, "signed"), (False, "unsigned")):
                found[Quick(f"fp_to_{kind}", width, to)] = Way(
                    1, partial(_to_integer, form, to, signed), partial(_to_integer_told, form, to)
                )
                found[Quick(f"fp_from_{kind}", to, width)] = Way(
                    1, partial(_from_integer, to, form, signed), partial(_from_integer_told, to, form, signed), True
                )
    return found


CONVERSIONS = _ways()

"""Quick conversions: between formats, to integers (to nearest even and toward zero) and from them (to nearest even).

Each takes the operand, the rounding and the label for where it does not apply (see `float_text`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .quick import FORMATS, Quick, flags_of, has_exponent, only_if, signs_differ, told
from .text import FunctionText

Emit = Callable[[FunctionText, str, str, str], tuple[str, str]]
_NARROWED = (970, 1070)
"""Biased exponents of doubles that are ordinary as singles too."""
_TOWARD_ZERO = 1


def _widen(text: FunctionText, bits: str, rounding: str, slow: str) -> tuple[str, str]:
    """Normal numbers and zeros: a subnormal number has its own flag where they are flushed."""
    only_if(text, has_exponent(text, bits, 32, 1, 254), slow)
    wide = text.value(f"fpext float {text.value(f'bitcast i32 {bits} to float')} to double")
    return text.value(f"bitcast double {wide} to i64"), "0"


def _narrow(text: FunctionText, bits: str, rounding: str, slow: str) -> tuple[str, str]:
    nearest = text.value(f"icmp eq i3 {rounding}, 0")
    only_if(text, text.value(f"and i1 {nearest}, {has_exponent(text, bits, 64, *_NARROWED)}"), slow)
    value = text.value(f"bitcast i64 {bits} to double")
    narrow = text.value(f"fptrunc double {value} to float")
    back = text.value(f"fpext float {narrow} to double")
    error = text.value(f"fsub double {value}, {back}")
    flags = told(text, "double", error, signs_differ(text, [back, error], 64))
    return text.value(f"bitcast float {narrow} to i32"), flags


def _to_integer(
    width: int, to: int, signed: bool, text: FunctionText, bits: str, rounding: str, slow: str
) -> tuple[str, str]:
    """Where the integer has two bits less than the result, so that rounding cannot leave its range."""
    type_ = FORMATS[width].type
    bias = FORMATS[width].exponents >> 1
    small = has_exponent(text, bits, width, 1, bias + to - 3)
    to_zero = text.value(f"icmp eq i3 {rounding}, {_TOWARD_ZERO}")
    either = text.value(f"or i1 {to_zero}, {text.value(f'icmp eq i3 {rounding}, 0')}")
    applies = text.value(f"and i1 {small}, {either}")
    if not signed:
        positive = text.value(f"icmp sge i{width} {bits}, 0")
        applies = text.value(f"and i1 {applies}, {positive}")
    only_if(text, applies, slow)
    value = text.value(f"bitcast i{width} {bits} to {type_}")
    suffix = f"f{width}"
    cut = text.value(f"call {type_} @llvm.trunc.{suffix}({type_} {value})")
    nearest = text.value(f"call {type_} @llvm.roundeven.{suffix}({type_} {value})")
    rounded = text.value(f"select i1 {to_zero}, {type_} {cut}, {type_} {nearest}")
    inexact = text.value(f"fcmp une {type_} {rounded}, {value}")
    sizes = [text.value(f"call {type_} @llvm.fabs.{suffix}({type_} {one})") for one in (rounded, value)]
    up = text.value(f"fcmp ogt {type_} {sizes[0]}, {sizes[1]}")
    return text.value(f"fptosi {type_} {rounded} to i{to}"), flags_of(text, inexact, up)


def _from_integer(
    width: int, to: int, signed: bool, text: FunctionText, bits: str, rounding: str, slow: str
) -> tuple[str, str]:
    """Numbers of at most 62 bits, which come back from the float they were rounded to."""
    nearest = text.value(f"icmp eq i3 {rounding}, 0")
    number = bits
    if width == 32:
        number = text.value(f"{'sext' if signed else 'zext'} i32 {bits} to i64")
        only_if(text, nearest, slow)
    else:
        moved = text.value(f"add i64 {bits}, {1 << 62}") if signed else bits
        small = text.value(f"icmp ult i64 {moved}, {1 << 63 if signed else 1 << 62}")
        only_if(text, text.value(f"and i1 {nearest}, {small}"), slow)
    type_ = FORMATS[to].type
    value = text.value(f"sitofp i64 {number} to {type_}")
    back = text.value(f"fptosi {type_} {value} to i64")
    inexact = text.value(f"icmp ne i64 {back}, {number}")
    sizes = [text.value(f"call i64 @llvm.abs.i64(i64 {one}, i1 0)") for one in (back, number)]
    up = text.value(f"icmp ugt i64 {sizes[0]}, {sizes[1]}")
    return text.value(f"bitcast {type_} {value} to i{to}"), flags_of(text, inexact, up)


def _conversions() -> dict[Quick, Emit]:
    found: dict[Quick, Emit] = {Quick("fp_convert", 32, 64): _widen, Quick("fp_convert", 64, 32): _narrow}
    for width in (32, 64):
        for to in (32, 64):
            for signed, kind in ((True, "signed"), (False, "unsigned")):
                found[Quick(f"fp_to_{kind}", width, to)] = partial(_to_integer, width, to, signed)
                found[Quick(f"fp_from_{kind}", width, to)] = partial(_from_integer, width, to, signed)
    return found


CONVERSIONS = _conversions()
CONVERSION_DECLARATIONS = "\n".join(
    f"declare {form.type} @llvm.{name}.f{width}({form.type})"
    for name in ("trunc", "roundeven", "fabs")
    for width, form in FORMATS.items()
)

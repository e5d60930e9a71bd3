"""The conversions of `soft_float`: between formats, to and from integers, and to integral numbers."""

from __future__ import annotations

from collections.abc import Callable

from .quick import FORMATS, Quick
from .soft_float import CONVERSION, Soft, default_nan, infinity, signed, taken_apart

_FARTHEST = 100
"""Bits to the right: more than any mantissa has."""
_LARGEST = 74
"""Bits to the left that still fit, and that are too many for all integers."""


def _convert(text: Soft, quick: Quick) -> None:
    """A NaN keeps its sign and the upper bits of its payload, and becomes quiet."""
    form, target = FORMATS[quick.width], FORMATS[quick.to]
    a = taken_apart(text, form, "%b0")
    payload = text.value(f"and i{form.width} {a.bits}, {(1 << form.fraction) - 1}")
    if target.width > form.width:
        payload = text.value(f"zext i{form.width} {payload} to i{target.width}")
        payload = text.value(f"shl i{target.width} {payload}, {target.fraction - form.fraction}")
    else:
        payload = text.value(f"lshr i{form.width} {payload}, {form.fraction - target.fraction}")
        payload = text.value(f"trunc i{form.width} {payload} to i{target.width}")
    quiet = text.value(f"or i{target.width} {payload}, {default_nan(target)}")
    text.leave_if(a.nan, quick.to, signed(text, target, a.sign, quiet), a.flags)
    text.leave_if(a.infinite, quick.to, signed(text, target, a.sign, infinity(target)), a.flags)
    text.leave_if(a.zero, quick.to, signed(text, target, a.sign, 0), a.flags)
    text.packed(target, a.sign, *text.normal(a.mantissa, 64, a.exponent), "%rounding", a.flags)


def _integral(text: Soft, mantissa: str, exponent: str, sign: str) -> tuple[str, str]:
    """mantissa × 2**exponent as an integer (i128), or one that is too large as well, and the flags of rounding."""
    wide = text.value(f"zext i64 {mantissa} to i128")
    whole = text.value(f"icmp sge i32 {exponent}, 0")
    left = text.choose(whole, "i32", text.at_most(exponent, _LARGEST), 0)
    right = text.choose(whole, "i32", 0, text.at_most(text.value(f"sub i32 0, {exponent}"), _FARTHEST))
    moved = text.value(f"shl i128 {wide}, {text.value(f'zext i32 {left} to i128')}")
    return text.cut(moved, right, sign, "%rounding")


def _to_integer(text: Soft, quick: Quick) -> None:
    """What is out of range becomes the nearest integer that is not; a NaN becomes 0."""
    is_signed = quick.name == "fp_to_signed"
    a = taken_apart(text, FORMATS[quick.width], "%b0")
    text.leave_if(a.nan, quick.to, 0, text.value(f"or i16 {a.flags}, {CONVERSION}"))
    most = (1 << quick.to - is_signed) - 1
    least = 1 << quick.to - 1 if is_signed else 0
    limit = text.choose(a.sign, f"i{quick.to}", least, most)
    invalid = text.value(f"or i16 {a.flags}, {CONVERSION}")
    text.leave_if(a.infinite, quick.to, limit, invalid)
    size, more = _integral(text, a.mantissa, a.exponent, a.sign)
    largest = text.choose(a.sign, "i128", least, most)
    text.leave_if(text.value(f"icmp ugt i128 {size}, {largest}"), quick.to, limit, invalid)
    narrow = text.value(f"trunc i128 {size} to i{quick.to}")
    result = text.choose(a.sign, f"i{quick.to}", text.value(f"sub i{quick.to} 0, {narrow}"), narrow)
    text.returns(quick.to, result, text.value(f"or i16 {a.flags}, {more}"))


def _round(text: Soft, quick: Quick) -> None:
    form = FORMATS[quick.to]
    a = taken_apart(text, form, "%b0")
    text.leave_if(a.nan, quick.to, default_nan(form), a.flags)
    whole = text.value(f"icmp sge i32 {a.exponent}, 0")
    text.leave_if(text.any_of(a.infinite, a.zero, whole), quick.to, a.bits, a.flags)
    size, more = _integral(text, a.mantissa, a.exponent, a.sign)
    flags = text.value(f"or i16 {a.flags}, {more}")
    text.leave_if(text.value(f"icmp eq i128 {size}, 0"), quick.to, signed(text, form, a.sign, 0), flags)
    narrow = text.value(f"trunc i128 {size} to i64")
    text.packed(form, a.sign, *text.normal(narrow, 64, "0"), "%rounding", flags)


def _from_integer(text: Soft, quick: Quick) -> None:
    type_ = f"i{quick.width}"
    text.leave_if(text.value(f"icmp eq {type_} %b0, 0"), quick.to, 0, 0)
    negative, size = "false", "%b0"
    if quick.name == "fp_from_signed":
        negative = text.value(f"icmp slt {type_} %b0, 0")
        size = text.choose(negative, type_, text.value(f"sub {type_} 0, %b0"), "%b0")
    if quick.width == 32:
        size = text.value(f"zext i32 {size} to i64")
    text.packed(FORMATS[quick.to], negative, *text.normal(size, 64, "0"), "%rounding", "0")


CONVERTERS: dict[str, tuple[int, Callable[[Soft, Quick], None]]] = {
    "fp_convert": (1, _convert),
    "fp_to_signed": (1, _to_integer),
    "fp_to_unsigned": (1, _to_integer),
    "fp_from_signed": (1, _from_integer),
    "fp_from_unsigned": (1, _from_integer),
    "fp_round": (1, _round),
}

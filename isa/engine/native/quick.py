"""What the quick ways of floating point share: formats, names, flags."""

from __future__ import annotations

from dataclasses import dataclass

from .text import FunctionText

QUICK_FLAGS = (0, 6)
"""The only flags, by number, that a quick result can have: inexact, and rounded up."""
_INEXACT, _ROUNDED_UP = (1 << place for place in QUICK_FLAGS)


@dataclass(frozen=True, slots=True)
class Format:
    """An IEEE format: its IR type, fraction bits, the biased exponents (first, last) that count as ordinary, and the
    mask of all of them."""

    type: str
    fraction: int
    first: int
    last: int
    exponents: int


FORMATS = {32: Format("float", 23, 90, 160, 255), 64: Format("double", 52, 600, 1400, 2047)}


@dataclass(frozen=True, slots=True)
class Quick:
    """A built-in whose operands have `width` bits and whose result has `to`."""

    name: str
    width: int
    to: int

    @property
    def symbol(self) -> str:
        """The IR function: `type (operands…[, i3 rounding])`."""
        return f"@quick.{self.name}.{self.width}.{self.to}"

    @property
    def type(self) -> str:
        """What it returns: whether it applies, result, flags."""
        return f"{{i1, i{self.to}, i16}}"


def is_zero(text: FunctionText, bits: str, width: int) -> str:
    """Whether a pattern is plus or minus zero."""
    return text.value(f"icmp eq i{width} {text.value(f'shl i{width} {bits}, 1')}, 0")


def has_exponent(text: FunctionText, bits: str, width: int, first: int, last: int) -> str:
    """Whether a pattern is zero, or has a biased exponent from `first` to `last`."""
    form = FORMATS[width]
    shifted = text.value(f"lshr i{width} {bits}, {form.fraction}")
    exponent = text.value(f"and i{width} {shifted}, {form.exponents}")
    inside = text.value(f"icmp ule i{width} {text.value(f'sub i{width} {exponent}, {first}')}, {last - first}")
    return text.value(f"or i1 {inside}, {is_zero(text, bits, width)}")


def only_if(text: FunctionText, condition: str, slow: str) -> None:
    """Goes on only where a condition holds, else to `slow`."""
    on = text.name()
    text.end(f"br i1 {condition}, label %{on}, label %{slow}, !prof !0")
    text.block(on)


def told(text: FunctionText, type_: str, error: str, up: str) -> str:
    """Flags: INEXACT where the error is not 0, and ROUNDED_UP where `up` holds as well."""
    return flags_of(text, text.value(f"fcmp une {type_} {error}, 0.0"), up)


def flags_of(text: FunctionText, inexact: str, up: str) -> str:
    """The same, of two conditions."""
    both = text.value(f"and i1 {inexact}, {up}")
    low = text.value(f"select i1 {inexact}, i16 {_INEXACT}, i16 0")
    high = text.value(f"select i1 {both}, i16 {_ROUNDED_UP}, i16 0")
    return text.value(f"or i16 {low}, {high}")


def signs_differ(text: FunctionText, values: list[str], width: int) -> str:
    """Whether an odd number of values is negative."""
    type_ = FORMATS[width].type
    signs = "0"
    for value in values:
        bits = text.value(f"bitcast {type_} {value} to i{width}")
        signs = text.value(f"xor i{width} {signs}, {bits}")
    return text.value(f"icmp slt i{width} {signs}, 0")

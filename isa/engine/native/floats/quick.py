"""What the quick ways of floating point share: formats, names, flags, and the tests of whether a quick way applies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..text import FunctionText

QUICK_FLAGS = (0, 5, 6)
"""The only flags, by number, that a quick result can have: inexact, an operand subnormal, and rounded up."""
_INEXACT, _SUBNORMAL, _ROUNDED_UP = (1 << place for place in QUICK_FLAGS)


@dataclass(frozen=True, slots=True)
class Format:
    """An IEEE format: its IR type, width, fraction bits, and its largest biased exponent, that of infinity."""

    type: str
    width: int
    fraction: int
    exponents: int

    @property
    def suffix(self) -> str:
        """What intrinsics for it end with."""
        return f"f{self.width}"


FORMATS = {32: Format("float", 32, 23, 255), 64: Format("double", 64, 52, 2047)}


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

    @property
    def rounds(self) -> bool:
        """Whether its last operand is a rounding."""
        return self.name != "fp_compare"

    @property
    def takes_floats(self) -> bool:
        """Whether its operands are floating-point numbers."""
        return not self.name.startswith("fp_from_")

    @property
    def makes_float(self) -> bool:
        """Whether its result is one."""
        return not self.name.startswith(("fp_to_", "fp_compare"))


@dataclass(frozen=True, slots=True)
class Way:
    """How a built-in is done. `emit(text, operands, rounding, slow)` gives the result, or branches to `slow`.

    A result that is a floating-point number is finite. `told(text, operands, result)` gives two conditions: inexact;
    inexact and rounded up. It is a function of its own because hardly anybody looks at the flags of most results.
    `adjusts`: `emit` rounds to nearest even, whatever the rounding, and keeps so far from the ends of the format that
    the next number on either side is as good. `mostly_exact`: hardly any operand needs rounding.
    """

    operands: int
    emit: Callable[[FunctionText, Sequence[str], str, str], str]
    told: Callable[[FunctionText, Sequence[str], str], tuple[str, str]]
    adjusts: bool = False
    mostly_exact: bool = False


def number(text: FunctionText, form: Format, bits: str) -> str:
    """A pattern as a number."""
    return text.value(f"bitcast i{form.width} {bits} to {form.type}")


def pattern(text: FunctionText, form: Format, value: str) -> str:
    """A number's pattern."""
    return text.value(f"bitcast {form.type} {value} to i{form.width}")


def _magnitude(text: FunctionText, form: Format, bits: str) -> str:
    """Twice the pattern without its sign."""
    return text.value(f"shl i{form.width} {bits}, 1")


def is_zero(text: FunctionText, form: Format, bits: str) -> str:
    """Whether a pattern is plus or minus zero."""
    return text.value(f"icmp eq i{form.width} {_magnitude(text, form, bits)}, 0")


def is_subnormal(text: FunctionText, form: Format, bits: str) -> str:
    """Whether a pattern is a subnormal number, which zero is not."""
    less = text.value(f"sub i{form.width} {_magnitude(text, form, bits)}, 1")
    return text.value(f"icmp ult i{form.width} {less}, {(1 << form.fraction + 1) - 1}")


def is_within(text: FunctionText, form: Format, bits: str, first: int, last: int) -> str:
    """Whether a pattern has a biased exponent from `first` to `last`."""
    magnitude = _magnitude(text, form, bits)
    if first:
        magnitude = text.value(f"sub i{form.width} {magnitude}, {first << form.fraction + 1}")
    return text.value(f"icmp ult i{form.width} {magnitude}, {last + 1 - first << form.fraction + 1}")


def is_finite(text: FunctionText, form: Format, bits: str) -> str:
    """Whether a pattern is neither an infinity nor a NaN."""
    return is_within(text, form, bits, 0, form.exponents - 1)


def only_if(text: FunctionText, condition: str, slow: str) -> None:
    """Goes on only where a condition holds, else to `slow`."""
    on = text.name()
    text.end(f"br i1 {condition}, label %{on}, label %{slow}, !prof !0")
    text.block(on)


def only_if_either(text: FunctionText, likely: str, other: Callable[[], str], slow: str) -> None:
    """The same with a second condition, which is computed only where the first does not hold."""
    on, second = text.name(), text.name()
    text.end(f"br i1 {likely}, label %{on}, label %{second}, !prof !0")
    text.block(second)
    text.end(f"br i1 {other()}, label %{on}, label %{slow}, !prof !0")
    text.block(on)


def told(text: FunctionText, form: Format, error: str, up: str) -> tuple[str, str]:
    """Inexact where the error is not 0, and rounded up where `up` holds as well. The error is a number, never a NaN."""
    inexact = text.value(f"fcmp one {form.type} {error}, 0.0")
    return inexact, text.value(f"and i1 {inexact}, {up}")


def exact(text: FunctionText, operands: Sequence[str], result: str) -> tuple[str, str]:
    """Never inexact."""
    return "0", "0"


def signs_differ(text: FunctionText, form: Format, values: Sequence[str]) -> str:
    """Whether an odd number of values is negative."""
    signs = "0"
    for value in values:
        signs = text.value(f"xor i{form.width} {signs}, {pattern(text, form, value)}")
    return text.value(f"icmp slt i{form.width} {signs}, 0")


def flags_of(text: FunctionText, inexact: str, up: str, subnormal: str) -> str:
    """The flags of three conditions, i16."""
    flags = text.value(f"select i1 {inexact}, i16 {_INEXACT}, i16 0")
    for condition, flag in ((up, _ROUNDED_UP), (subnormal, _SUBNORMAL)):
        flags = text.value(f"or i16 {flags}, {text.value(f'select i1 {condition}, i16 {flag}, i16 0')}")
    return flags

"""Floating point by integers alone, in IR: whatever the host's own instructions cannot do exactly.

The same steps as the reference's (`isa/engine/fp`): a number is a sign, a mantissa and an exponent, value = mantissa ×
2**exponent, and is rounded in one place. A mantissa on its way there has 64 bits, the highest of them set, and stands
for a number between itself and its neighbours where its lowest bit, which no rounding looks at alone, is set.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..text import FunctionText
from .quick import FORMATS, Format

INEXACT, UNDERFLOW, OVERFLOW, DIVIDE_BY_ZERO, INVALID, SUBNORMAL, ROUNDED_UP = (1 << place for place in range(7))
INFINITIES, INFINITY_BY_ZERO, INFINITY_BY_INFINITY, ZERO_BY_ZERO, ROOT, CONVERSION, SIGNALLING = (
    INVALID | 1 << place for place in range(8, 15)
)
NEAREST, TO_ZERO, PLUS, MINUS, AWAY = range(5)
_FARTHEST = 100
"""Shifts to the right that leave nothing of a mantissa, nor of its half."""


class Soft(FunctionText):
    """Text with the steps that the operations share. Exponents and amounts of shifts have 32 bits."""

    def choose(self, condition: str, type_: str, then: str | int, otherwise: str | int) -> str:
        """A select."""
        return self.value(f"select i1 {condition}, {type_} {then}, {type_} {otherwise}")

    def all_of(self, *conditions: str) -> str:
        """Whether all of some conditions hold."""
        return self._folded("and", conditions)

    def any_of(self, *conditions: str) -> str:
        """Whether one of some conditions holds."""
        return self._folded("or", conditions)

    def _folded(self, word: str, conditions: tuple[str, ...]) -> str:
        found = conditions[0]
        for condition in conditions[1:]:
            found = self.value(f"{word} i1 {found}, {condition}")
        return found

    def inverse(self, condition: str) -> str:
        """Whether a condition does not hold."""
        return self.value(f"xor i1 {condition}, true")

    def returns(self, to: int, result: str | int, flags: str | int) -> None:
        """Ends the function."""
        whole = self.value(f"insertvalue {{i{to}, i16}} poison, i{to} {result}, 0")
        self.end(f"ret {{i{to}, i16}} {self.value(f'insertvalue {{i{to}, i16}} {whole}, i16 {flags}, 1')}")

    def leave_if(self, condition: str, to: int, result: str | int, flags: str | int) -> None:
        """Returns where a condition holds."""
        out, on = self.name(), self.name()
        self.branch(condition, out, on)
        self.block(out)
        self.returns(to, result, flags)
        self.block(on)

    def packed(self, form: Format, sign: str, mantissa: str, exponent: str, rounding: str, flags: str) -> None:
        """Returns a rounded number, its flags among others."""
        pair = f"{{i{form.width}, i16}}"
        operands = f"i1 {sign}, i64 {mantissa}, i32 {exponent}, i3 {rounding}"
        made = self.value(f"call fastcc {pair} @soft.pack.{form.width}({operands})")
        more = self.value(f"or i16 {flags}, {self.value(f'extractvalue {pair} {made}, 1')}")
        self.returns(form.width, self.value(f"extractvalue {pair} {made}, 0"), more)

    def cut(self, mantissa: str, shift: str, sign: str, rounding: str) -> tuple[str, str]:
        """An i128 without its lowest bits (up to `_FARTHEST`), rounded, and the flags of that."""
        made = self.value(
            f"call fastcc {{i128, i16}} @soft.cut(i128 {mantissa}, i32 {shift}, i1 {sign}, i3 {rounding})"
        )
        return self.value(f"extractvalue {{i128, i16}} {made}, 0"), self.value(f"extractvalue {{i128, i16}} {made}, 1")

    def at_most(self, amount: str, most: int) -> str:
        """The lesser of a number and a constant."""
        return self.choose(self.value(f"icmp slt i32 {amount}, {most}"), "i32", amount, most)

    def normal(self, value: str, width: int, exponent: str) -> tuple[str, str]:
        """A number that is not 0 as a mantissa of 64 bits, and its exponent."""
        type_ = f"i{width}"
        zeros = self.value(f"call {type_} @llvm.ctlz.{type_}({type_} {value}, i1 false)")
        moved = self.value(f"shl {type_} {value}, {zeros}")
        count = zeros if width == 32 else self.value(f"trunc {type_} {zeros} to i32")
        lower = self.value(f"sub i32 {exponent}, {count}")
        if width == 64:
            return moved, lower
        top = self.value(f"trunc {type_} {self.value(f'lshr {type_} {moved}, {width - 64}')} to i64")
        rest = self.value(f"trunc {type_} {moved} to i{width - 64}")
        inexact = self.value(f"zext i1 {self.value(f'icmp ne i{width - 64} {rest}, 0')} to i64")
        return self.value(f"or i64 {top}, {inexact}"), self.value(f"add i32 {lower}, {width - 64}")


@dataclass(frozen=True, slots=True)
class Number:
    """A pattern taken apart: conditions, and of a finite number the mantissa (i64) and exponent."""

    bits: str
    sign: str
    nan: str
    infinite: str
    zero: str
    mantissa: str
    exponent: str
    flags: str
    """SIGNALLING or SUBNORMAL."""


def infinity(form: Format) -> int:
    """The pattern of plus infinity."""
    return form.exponents << form.fraction


def default_nan(form: Format) -> int:
    """The pattern of the NaN that operations give."""
    return infinity(form) | 1 << form.fraction - 1


def lowest(form: Format) -> int:
    """The exponent of a subnormal number's last bit."""
    return 2 - (form.exponents + 1) // 2 - form.fraction


def taken_apart(text: Soft, form: Format, bits: str) -> Number:
    """A pattern's parts."""
    type_ = f"i{form.width}"
    sign = text.value(f"icmp slt {type_} {bits}, 0")
    size = text.value(f"and {type_} {bits}, {(1 << form.width - 1) - 1}")
    nan = text.value(f"icmp ugt {type_} {size}, {infinity(form)}")
    quiet = text.value(f"icmp ne {type_} {text.value(f'and {type_} {bits}, {1 << form.fraction - 1}')}, 0")
    infinite = text.value(f"icmp eq {type_} {size}, {infinity(form)}")
    zero = text.value(f"icmp eq {type_} {size}, 0")
    biased = text.value(f"lshr {type_} {size}, {form.fraction}")
    small = text.value(f"icmp eq {type_} {biased}, 0")
    subnormal = text.all_of(small, text.inverse(zero))
    fraction = text.value(f"and {type_} {bits}, {(1 << form.fraction) - 1}")
    hidden = text.choose(small, type_, 0, 1 << form.fraction)
    mantissa = text.value(f"or {type_} {fraction}, {hidden}")
    power = text.choose(small, type_, 1, biased)
    if form.width == 64:
        power = text.value(f"trunc i64 {power} to i32")
    else:
        mantissa = text.value(f"zext i32 {mantissa} to i64")
    exponent = text.value(f"add i32 {power}, {lowest(form) - 1}")
    signalling = text.choose(text.all_of(nan, text.inverse(quiet)), "i16", SIGNALLING, 0)
    flags = text.value(f"or i16 {signalling}, {text.choose(subnormal, 'i16', SUBNORMAL, 0)}")
    return Number(bits, sign, nan, infinite, zero, mantissa, exponent, flags)


def flags_of_all(text: Soft, numbers: list[Number]) -> str:
    """The flags that come of what operands are."""
    flags = numbers[0].flags
    for number in numbers[1:]:
        flags = text.value(f"or i16 {flags}, {number.flags}")
    return flags


def signed(text: Soft, form: Format, sign: str, size: str | int) -> str:
    """A pattern with a sign."""
    bit = text.choose(sign, f"i{form.width}", 1 << form.width - 1, 0)
    return text.value(f"or i{form.width} {bit}, {size}")


def shared_texts() -> list[str]:
    """The functions that all operations call."""
    return [_cut_text(), *(_pack_text(form) for form in FORMATS.values())]


def _cut_text() -> str:
    text = Soft()
    shift = text.value("zext i32 %shift to i128")
    kept = text.value(f"lshr i128 %mantissa, {shift}")
    rest = text.value(f"sub i128 %mantissa, {text.value(f'shl i128 {kept}, {shift}')}")
    half = text.value(f"lshr i128 {text.value(f'shl i128 1, {shift}')}, 1")
    inexact = text.value(f"icmp ne i128 {rest}, 0")
    more, tie = (text.value(f"icmp {test} i128 {rest}, {half}") for test in ("ugt", "eq"))
    tie = text.all_of(tie, inexact)
    modes = [text.value(f"icmp eq i3 %rounding, {mode}") for mode in range(AWAY + 1)]
    odd = text.value(f"trunc i128 {kept} to i1")
    nearest = text.all_of(modes[NEAREST], text.any_of(more, text.all_of(tie, odd)))
    away = text.all_of(modes[AWAY], text.any_of(more, tie))
    plus = text.all_of(modes[PLUS], inexact, text.inverse("%sign"))
    minus = text.all_of(modes[MINUS], inexact, "%sign")
    up = text.any_of(nearest, away, plus, minus)
    result = text.value(f"add i128 {kept}, {text.value(f'zext i1 {up} to i128')}")
    flags = text.choose(inexact, "i16", INEXACT, 0)
    text.returns(128, result, text.value(f"or i16 {flags}, {text.choose(up, 'i16', ROUNDED_UP, 0)}"))
    return text.text(
        "define internal fastcc {i128, i16} @soft.cut(i128 %mantissa, i32 %shift, i1 %sign, i3 %rounding)"
    )


def _pack_text(form: Format) -> str:
    """The one place where a number becomes a pattern. Tiny is what lies below all normal numbers before rounding."""
    text = Soft()
    smallest = lowest(form) + form.fraction
    leading = text.value("add i32 %exponent, 63")
    tiny = text.value(f"icmp slt i32 {leading}, {smallest}")
    far = text.at_most(text.value(f"sub i32 {lowest(form)}, %exponent"), _FARTHEST)
    shift = text.choose(tiny, "i32", far, 63 - form.fraction)
    kept, flags = text.cut(text.value("zext i64 %mantissa to i128"), shift, "%sign", "%rounding")
    # The hidden bit counts as one in the exponent, and a carry out of the fraction moves it on.
    steps = text.value(f"zext i32 {text.value(f'sub i32 {leading}, {smallest}')} to i64")
    base = text.choose(tiny, "i64", 0, text.value(f"shl i64 {steps}, {form.fraction}"))
    size = text.value(f"add i64 {base}, {text.value(f'trunc i128 {kept} to i64')}")
    inexact = text.value(f"icmp ne i16 {flags}, 0")
    flags = text.value(f"or i16 {flags}, {text.choose(text.all_of(tiny, inexact), 'i16', UNDERFLOW, 0)}")
    over = text.value(f"icmp uge i64 {size}, {infinity(form)}")
    modes = [text.value(f"icmp eq i3 %rounding, {mode}") for mode in range(AWAY + 1)]
    up = text.any_of(
        modes[NEAREST], modes[AWAY], text.all_of(modes[MINUS], "%sign"),
        text.all_of(modes[PLUS], text.inverse("%sign")),
    )  # fmt: skip
    largest = text.choose(up, "i64", infinity(form), infinity(form) - 1)
    size = text.choose(over, "i64", largest, size)
    lost = text.choose(up, "i16", OVERFLOW | INEXACT | ROUNDED_UP, OVERFLOW | INEXACT)
    flags = text.choose(over, "i16", lost, flags)
    if form.width == 32:
        size = text.value(f"trunc i64 {size} to i32")
    text.returns(form.width, signed(text, form, "%sign", size), flags)
    return text.text(
        f"define internal fastcc {{i{form.width}, i16}} "
        f"@soft.pack.{form.width}(i1 %sign, i64 %mantissa, i32 %exponent, i3 %rounding) noinline"
    )

"""The operations of `soft_float`: `@soft.NAME.WIDTH.TO(operands…[, i3 rounding])` gives result and flags."""

from __future__ import annotations

from collections.abc import Callable

from .quick import FORMATS, Quick
from .soft_conversions import CONVERTERS
from .soft_float import (
    DIVIDE_BY_ZERO,
    INFINITIES,
    INFINITY_BY_INFINITY,
    INFINITY_BY_ZERO,
    MINUS,
    ROOT,
    ZERO_BY_ZERO,
    Number,
    Soft,
    default_nan,
    flags_of_all,
    infinity,
    shared_texts,
    signed,
    taken_apart,
)

_RADICAND = 63
"""The highest bit of a root of 128 bits."""


def soft_name(quick: Quick) -> str:
    """The IR function of a built-in."""
    return f"@soft.{quick.name}.{quick.width}.{quick.to}"


def soft_texts(quicks: tuple[Quick, ...]) -> list[str]:
    """All functions."""
    return [*shared_texts(), *(_function(quick) for quick in quicks)]


def _function(quick: Quick) -> str:
    text = Soft()
    operations = {**_OPERATIONS, **CONVERTERS}
    count, emit = operations[quick.name]
    emit(text, quick)
    operands = [f"i{quick.width} %b{at}" for at in range(count)]
    if quick.rounds:
        operands.append("i3 %rounding")
    head = f"{{i{quick.to}, i16}} {soft_name(quick)}({', '.join(operands)})"
    return text.text(f"define internal fastcc {head} noinline cold")


def _numbers(text: Soft, quick: Quick, count: int) -> tuple[list[Number], str]:
    """The operands, and the flags that come of what they are."""
    found = [taken_apart(text, FORMATS[quick.width], f"%b{at}") for at in range(count)]
    return found, flags_of_all(text, found)


def _invalid(text: Soft, quick: Quick, condition: str, flags: str, why: int) -> None:
    """Returns the default NaN where an operation means nothing."""
    text.leave_if(condition, quick.to, default_nan(FORMATS[quick.to]), text.value(f"or i16 {flags}, {why}"))


# Sums


def _sum(text: Soft, quick: Quick, left: Number, right: Number, width: int, flags: str) -> None:
    """Returns the sum of two numbers whose mantissas, `width` bits wide, have half of that to spare.

    The one with the lower exponent is moved to the right; what falls out is told by its last bit. Where bits fall out,
    the other one is so much larger that the result has more than enough left.
    """
    form, type_ = FORMATS[quick.to], f"i{width}"
    higher = text.value(f"icmp sge i32 {left.exponent}, {right.exponent}")

    def pick(first: str, second: str, kind: str) -> tuple[str, str]:
        return text.choose(higher, kind, first, second), text.choose(higher, kind, second, first)

    mantissas = pick(left.mantissa, right.mantissa, type_)
    high, low = (text.value(f"shl {type_} {mantissa}, {width // 2}") for mantissa in mantissas)
    exponent, lower = pick(left.exponent, right.exponent, "i32")
    high_sign, low_sign = pick(left.sign, right.sign, "i1")
    distance = text.at_most(text.value(f"sub i32 {exponent}, {lower}"), width - 1)
    amount = text.value(f"zext i32 {distance} to {type_}")
    moved = text.value(f"lshr {type_} {low}, {amount}")
    lost = text.value(f"icmp ne {type_} {text.value(f'shl {type_} {moved}, {amount}')}, {low}")
    moved = text.value(f"or {type_} {moved}, {text.value(f'zext i1 {lost} to {type_}')}")
    opposite = text.value(f"xor i1 {high_sign}, {low_sign}")
    other = text.choose(opposite, type_, text.value(f"sub {type_} 0, {moved}"), moved)
    total = text.value(f"add {type_} {high}, {other}")
    is_zero = text.value(f"icmp eq {type_} {total}, 0")
    down = text.all_of(opposite, text.value(f"icmp eq i3 %rounding, {MINUS}"))
    zero = signed(text, form, text.any_of(text.all_of(left.sign, right.sign), down), 0)
    text.leave_if(is_zero, quick.to, zero, flags)
    negative = text.value(f"icmp slt {type_} {total}, 0")
    size = text.choose(negative, type_, text.value(f"sub {type_} 0, {total}"), total)
    sign = text.value(f"xor i1 {high_sign}, {negative}")
    lowered = text.value(f"sub i32 {exponent}, {width // 2}")
    text.packed(form, sign, *text.normal(size, width, lowered), "%rounding", flags)


def _widened(text: Soft, number: Number, width: int) -> Number:
    mantissa = text.value(f"zext i64 {number.mantissa} to i{width}")
    return Number(
        number.bits, number.sign, number.nan, number.infinite, number.zero, mantissa, number.exponent, number.flags
    )


def _add(text: Soft, quick: Quick) -> None:
    (a, b), flags = _numbers(text, quick, 2)
    if quick.name == "fp_sub":
        bits = text.value(f"xor i{quick.width} {b.bits}, {1 << quick.width - 1}")
        b = Number(bits, text.inverse(b.sign), b.nan, b.infinite, b.zero, b.mantissa, b.exponent, b.flags)
    _invalid(text, quick, text.any_of(a.nan, b.nan), flags, 0)
    opposite = text.value(f"xor i1 {a.sign}, {b.sign}")
    _invalid(text, quick, text.all_of(a.infinite, b.infinite, opposite), flags, INFINITIES)
    text.leave_if(a.infinite, quick.to, a.bits, flags)
    text.leave_if(b.infinite, quick.to, b.bits, flags)
    _sum(text, quick, _widened(text, a, 128), _widened(text, b, 128), 128, flags)


# Products


def _product(text: Soft, a: Number, b: Number, width: int) -> Number:
    left, right = (text.value(f"zext i64 {number.mantissa} to i{width}") for number in (a, b))
    mantissa = text.value(f"mul i{width} {left}, {right}")
    exponent = text.value(f"add i32 {a.exponent}, {b.exponent}")
    sign = text.value(f"xor i1 {a.sign}, {b.sign}")
    infinite = text.any_of(a.infinite, b.infinite)
    return Number("", sign, text.any_of(a.nan, b.nan), infinite, text.any_of(a.zero, b.zero), mantissa, exponent, "0")


def _mul(text: Soft, quick: Quick) -> None:
    form = FORMATS[quick.to]
    (a, b), flags = _numbers(text, quick, 2)
    product = _product(text, a, b, 128)
    _invalid(text, quick, product.nan, flags, 0)
    _invalid(text, quick, text.all_of(product.infinite, product.zero), flags, INFINITY_BY_ZERO)
    text.leave_if(product.infinite, quick.to, signed(text, form, product.sign, infinity(form)), flags)
    text.leave_if(product.zero, quick.to, signed(text, form, product.sign, 0), flags)
    text.packed(form, product.sign, *text.normal(product.mantissa, 128, product.exponent), "%rounding", flags)


def _fma(text: Soft, quick: Quick) -> None:
    """A zero has no exponent of its own: it must not move the other term."""
    form = FORMATS[quick.to]
    (a, b, c), flags = _numbers(text, quick, 3)
    product = _product(text, a, b, 256)
    by_zero = text.any_of(text.all_of(a.infinite, b.zero), text.all_of(a.zero, b.infinite))
    _invalid(text, quick, by_zero, flags, INFINITY_BY_ZERO)
    _invalid(text, quick, text.any_of(product.nan, c.nan), flags, 0)
    opposite = text.value(f"xor i1 {product.sign}, {c.sign}")
    _invalid(text, quick, text.all_of(product.infinite, c.infinite, opposite), flags, INFINITIES)
    text.leave_if(c.infinite, quick.to, c.bits, flags)
    text.leave_if(product.infinite, quick.to, signed(text, form, product.sign, infinity(form)), flags)
    other = _widened(text, c, 256)
    first = text.choose(product.zero, "i32", other.exponent, product.exponent)
    second = text.choose(c.zero, "i32", product.exponent, other.exponent)
    left = Number("", product.sign, "", "", "", product.mantissa, first, "")
    right = Number("", c.sign, "", "", "", other.mantissa, second, "")
    _sum(text, quick, left, right, 256, flags)


# Quotients and roots


def _div(text: Soft, quick: Quick) -> None:
    form = FORMATS[quick.to]
    (a, b), flags = _numbers(text, quick, 2)
    sign = text.value(f"xor i1 {a.sign}, {b.sign}")
    _invalid(text, quick, text.any_of(a.nan, b.nan), flags, 0)
    _invalid(text, quick, text.all_of(a.infinite, b.infinite), flags, INFINITY_BY_INFINITY)
    text.leave_if(a.infinite, quick.to, signed(text, form, sign, infinity(form)), flags)
    text.leave_if(b.infinite, quick.to, signed(text, form, sign, 0), flags)
    _invalid(text, quick, text.all_of(a.zero, b.zero), flags, ZERO_BY_ZERO)
    by_zero = text.value(f"or i16 {flags}, {DIVIDE_BY_ZERO}")
    text.leave_if(b.zero, quick.to, signed(text, form, sign, infinity(form)), by_zero)
    text.leave_if(a.zero, quick.to, signed(text, form, sign, 0), flags)
    (left, high), (right, low) = (text.normal(number.mantissa, 64, number.exponent) for number in (a, b))
    dividend = text.value(f"shl i128 {text.value(f'zext i64 {left} to i128')}, 64")
    divisor = text.value(f"zext i64 {right} to i128")
    both = text.value(f"call fastcc {{i128, i128}} @divide.wide(i128 {dividend}, i128 {divisor})")
    quotient, rest = (text.value(f"extractvalue {{i128, i128}} {both}, {at}") for at in (0, 1))
    more = text.value(f"zext i1 {text.value(f'icmp ne i128 {rest}, 0')} to i128")
    # Two bits lower, so that the bit for the rest is below all that counts.
    wide = text.value(f"or i128 {text.value(f'shl i128 {quotient}, 2')}, {more}")
    exponent = text.value(f"sub i32 {text.value(f'sub i32 {high}, {low}')}, 66")
    text.packed(form, sign, *text.normal(wide, 128, exponent), "%rounding", flags)


def _sqrt(text: Soft, quick: Quick) -> None:
    form = FORMATS[quick.to]
    (a,), flags = _numbers(text, quick, 1)
    _invalid(text, quick, a.nan, flags, 0)
    text.leave_if(a.zero, quick.to, a.bits, flags)
    _invalid(text, quick, a.sign, flags, ROOT)
    text.leave_if(a.infinite, quick.to, a.bits, flags)
    mantissa, exponent = text.normal(a.mantissa, 64, a.exponent)
    odd = text.value(f"and i32 {exponent}, 1")
    shift = text.value(f"sub i32 64, {odd}")
    wide = text.value(f"zext i64 {mantissa} to i128")
    radicand = text.value(f"shl i128 {wide}, {text.value(f'zext i32 {shift} to i128')}")
    root = _root(text, radicand)
    inexact = text.value(f"icmp ne i128 {text.value(f'mul i128 {root}, {root}')}, {radicand}")
    narrow = text.value(f"trunc i128 {root} to i64")
    narrow = text.value(f"or i64 {narrow}, {text.value(f'zext i1 {inexact} to i64')}")
    half = text.value(f"ashr i32 {text.value(f'sub i32 {exponent}, {shift}')}, 1")
    text.packed(form, "0", narrow, half, "%rounding", flags)


def _root(text: Soft, radicand: str) -> str:
    """The integer root of an i128, bit by bit."""
    before = text.name()
    text.block(before)
    text.end("br label %root")
    text.block("root")
    root = text.value(f"phi i128 [0, %{before}], [%root.next, %root]")
    bit = text.value(f"phi i128 [{1 << _RADICAND}, %{before}], [%bit.next, %root]")
    tried = text.value(f"or i128 {root}, {bit}")
    fits = text.value(f"icmp ule i128 {text.value(f'mul i128 {tried}, {tried}')}, {radicand}")
    text.do(f"%root.next = select i1 {fits}, i128 {tried}, i128 {root}")
    text.do(f"%bit.next = lshr i128 {bit}, 1")
    text.branch(text.value("icmp eq i128 %bit.next, 0"), "rooted", "root")
    text.block("rooted")
    return "%root.next"


# Comparison


def _compare(text: Soft, quick: Quick) -> None:
    type_ = f"i{quick.width}"
    (a, b), flags = _numbers(text, quick, 2)
    ordered = []
    for number in (a, b):
        size = text.value(f"and {type_} {number.bits}, {(1 << quick.width - 1) - 1}")
        ordered.append(text.choose(number.sign, type_, text.value(f"sub {type_} 0, {size}"), size))
    less, equal = (text.value(f"icmp {test} {type_} {ordered[0]}, {ordered[1]}") for test in ("slt", "eq"))
    relation = text.choose(less, "i2", 0, text.choose(equal, "i2", 1, 2))
    text.returns(2, text.choose(text.any_of(a.nan, b.nan), "i2", 3, relation), flags)


_OPERATIONS: dict[str, tuple[int, Callable[[Soft, Quick], None]]] = {
    "fp_add": (2, _add),
    "fp_sub": (2, _add),
    "fp_mul": (2, _mul),
    "fp_fma": (3, _fma),
    "fp_div": (2, _div),
    "fp_sqrt": (1, _sqrt),
    "fp_compare": (2, _compare),
}

"""Floating point of ordinary numbers by the host's instructions, with exact flags; the rest is the engine's.

Ordinary: rounding to nearest even, operands whose exponents stay so far from both ends that neither result nor rounding
error can leave the format. The rounding error of a sum, a product, a quotient or a root is a number of the format then
(Dekker 1971; Boldo, Muller: Exact and Approximated Error of the FMA, 2011), so its value tells whether the result is
inexact and its sign whether it was rounded up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .float_integer_text import (
    FROM_INTEGER,
    INTEGER_QUICK_NAMES,
    TO_INTEGER,
    has_integer_quick,
    integer_quick_name,
    integer_quick_texts,
)
from .text import FunctionText

_INEXACT = 1
_ROUNDED_UP = 1 << 6


@dataclass(frozen=True, slots=True)
class _Format:
    """An IEEE format: its IR type, fraction bits, and the biased exponents (first, last) that count as ordinary."""

    type: str
    fraction: int
    first: int
    last: int


_FORMATS = {32: _Format("float", 23, 90, 160), 64: _Format("double", 52, 600, 1400)}
QUICK_FLAGS = (0, 6)
"""The only flags, by number, that a quick result can have: inexact, and rounded up."""
_NARROWED = (970, 1070)
"""Biased exponents of doubles that are ordinary as singles too."""
_OPERATIONS = {
    "fp_add": 2, "fp_sub": 2, "fp_mul": 2, "fp_fma": 3, "fp_div": 2, "fp_sqrt": 1, "fp_compare": 2, "fp_convert": 1,
}  # fmt: skip
"""Operands of what has a quick way."""
_ZEROS = {**_OPERATIONS, "fp_div": 1, "fp_sqrt": 0}
"""How many operands, from the first on, are ordinary if they are zeros: nothing is rounded then."""


def has_quick(name: str, widths: tuple[int, ...], extra: tuple[int, ...]) -> bool:
    """Whether a built-in with these operands has a quick way."""
    if name == "fp_convert":
        return {widths[0], extra[0]} == {32, 64}
    if has_integer_quick(name, widths, extra):
        return True
    return name in _OPERATIONS and widths[0] in _FORMATS


def quick_name(name: str, width: int, extra: tuple[int, ...] = ()) -> str:
    """The IR function: `{i1, iR, i16} (operands…[, i3 rounding])`, whose first result says whether it applies."""
    if name in (*TO_INTEGER, *FROM_INTEGER):
        return integer_quick_name(name, width, extra[0])
    return f"@quick.{name}.{width}"


def result_width(name: str, width: int) -> int:
    """Bits of the first result."""
    return {"fp_compare": 2, "fp_convert": 96 - width}.get(name, width)


def quick_texts() -> list[str]:
    """All quick functions."""
    return [*(_quick(name, width) for name in _OPERATIONS for width in _FORMATS), *integer_quick_texts()]


def _quick(name: str, width: int) -> str:
    text, form = FunctionText(), _FORMATS[width]
    bits = [f"%b{at}" for at in range(_OPERATIONS[name])]
    result = f"i{result_width(name, width)}"
    ordinary = "1" if name == "fp_compare" else text.value("icmp eq i3 %rounding, 0")
    for at, number in enumerate(bits):
        fits = _is_ordinary(text, name, number, width)
        if at < _ZEROS[name]:
            magnitude = text.value(f"shl i{width} {number}, 1")
            fits = text.value(f"or i1 {fits}, {text.value(f'icmp eq i{width} {magnitude}, 0')}")
        ordinary = text.value(f"and i1 {ordinary}, {fits}")
    text.branch(ordinary, "quick", "slow")
    text.block("quick")
    values = [text.value(f"bitcast i{width} {number} to {form.type}") for number in bits]
    value, flags = _EMIT[name](text, values, width)
    whole = text.value(f"insertvalue {{i1, {result}, i16}} poison, i1 1, 0")
    whole = text.value(f"insertvalue {{i1, {result}, i16}} {whole}, {result} {value}, 1")
    text.end(f"ret {{i1, {result}, i16}} {text.value(f'insertvalue {{i1, {result}, i16}} {whole}, i16 {flags}, 2')}")
    text.block("slow")
    text.end(f"ret {{i1, {result}, i16}} zeroinitializer")
    parameters = [f"i{width} {number}" for number in bits] + ([] if name == "fp_compare" else ["i3 %rounding"])
    head = f"define internal fastcc {{i1, {result}, i16}} {quick_name(name, width)}({', '.join(parameters)})"
    return text.text(head)


def _is_ordinary(text: FunctionText, name: str, bits: str, width: int) -> str:
    form = _FORMATS[width]
    first, last = form.first, form.last
    if name == "fp_compare" or (name == "fp_convert" and width == 32):
        first, last = 1, 254 if width == 32 else 2046
    elif name == "fp_convert":
        first, last = _NARROWED
    shifted = text.value(f"lshr i{width} {bits}, {form.fraction}")
    # The root of a negative number is not ordinary: there the sign counts as a bit of the exponent.
    if name != "fp_sqrt":
        shifted = text.value(f"and i{width} {shifted}, {2047 if width == 64 else 255}")
    lowered = text.value(f"sub i{width} {shifted}, {first}")
    return text.value(f"icmp ule i{width} {lowered}, {last - first}")


def _flags(text: FunctionText, type_: str, error: str, up: str) -> str:
    """INEXACT where the error is not 0, and ROUNDED_UP where `up` holds as well."""
    inexact = text.value(f"fcmp une {type_} {error}, 0.0")
    both = text.value(f"and i1 {inexact}, {up}")
    low = text.value(f"select i1 {inexact}, i16 {_INEXACT}, i16 0")
    high = text.value(f"select i1 {both}, i16 {_ROUNDED_UP}, i16 0")
    return text.value(f"or i16 {low}, {high}")


def _signs_differ(text: FunctionText, values: list[str], width: int) -> str:
    """Whether an odd number of values is negative."""
    type_ = _FORMATS[width].type
    signs = "0"
    for value in values:
        bits = text.value(f"bitcast {type_} {value} to i{width}")
        signs = text.value(f"xor i{width} {signs}, {bits}")
    return text.value(f"icmp slt i{width} {signs}, 0")


def _result(text: FunctionText, value: str, width: int) -> str:
    return text.value(f"bitcast {_FORMATS[width].type} {value} to i{width}")


def _fused(text: FunctionText, type_: str, left: str, right: str, other: str) -> str:
    suffix = "f64" if type_ == "double" else "f32"
    return text.value(f"call {type_} @llvm.fma.{suffix}({type_} {left}, {type_} {right}, {type_} {other})")


def _add(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = _FORMATS[width].type
    total, error = _two_sum(text, type_, *values)
    return _result(text, total, width), _flags(text, type_, error, _signs_differ(text, [total, error], width))


def _sub(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    negated = text.value(f"fneg {_FORMATS[width].type} {values[1]}")
    return _add(text, [values[0], negated], width)


def _mul(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = _FORMATS[width].type
    product = text.value(f"fmul {type_} {values[0]}, {values[1]}")
    negated = text.value(f"fneg {type_} {product}")
    error = _fused(text, type_, values[0], values[1], negated)
    return _result(text, product, width), _flags(text, type_, error, _signs_differ(text, [product, error], width))


def _two_sum(text: FunctionText, type_: str, left: str, right: str) -> tuple[str, str]:
    """The sum, and what it lacks (Knuth)."""
    total = text.value(f"fadd {type_} {left}, {right}")
    of_right = text.value(f"fsub {type_} {total}, {left}")
    of_left = text.value(f"fsub {type_} {total}, {of_right}")
    left_error = text.value(f"fsub {type_} {left}, {of_left}")
    right_error = text.value(f"fsub {type_} {right}, {of_right}")
    return total, text.value(f"fadd {type_} {left_error}, {right_error}")


def _fma(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    """The error is a sum of two numbers, of which the larger is nearest to it: ErrFmaNearest, as cited above."""
    type_ = _FORMATS[width].type
    left, right, other = values
    result = _fused(text, type_, left, right, other)
    product = text.value(f"fmul {type_} {left}, {right}")
    rest = _fused(text, type_, left, right, text.value(f"fneg {type_} {product}"))
    small, smaller = _two_sum(text, type_, other, rest)
    large, lacking = _two_sum(text, type_, product, small)
    difference = text.value(f"fsub {type_} {large}, {result}")
    error = text.value(f"fadd {type_} {text.value(f'fadd {type_} {difference}, {lacking}')}, {smaller}")
    return _result(text, result, width), _flags(text, type_, error, _signs_differ(text, [result, error], width))


def _div(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = _FORMATS[width].type
    quotient = text.value(f"fdiv {type_} {values[0]}, {values[1]}")
    negated = text.value(f"fneg {type_} {quotient}")
    rest = _fused(text, type_, negated, values[1], values[0])
    up = _signs_differ(text, [quotient, rest, values[1]], width)
    return _result(text, quotient, width), _flags(text, type_, rest, up)


def _sqrt(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = _FORMATS[width].type
    root = text.value(f"call {type_} @llvm.sqrt.{'f64' if width == 64 else 'f32'}({type_} {values[0]})")
    negated = text.value(f"fneg {type_} {root}")
    rest = _fused(text, type_, negated, root, values[0])
    return _result(text, root, width), _flags(text, type_, rest, _signs_differ(text, [rest], width))


def _compare(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = _FORMATS[width].type
    less = text.value(f"fcmp olt {type_} {values[0]}, {values[1]}")
    equal = text.value(f"fcmp oeq {type_} {values[0]}, {values[1]}")
    other = text.value(f"select i1 {equal}, i2 1, i2 2")
    return text.value(f"select i1 {less}, i2 0, i2 {other}"), "0"


def _convert(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    if width == 32:
        wide = text.value(f"fpext float {values[0]} to double")
        return _result(text, wide, 64), "0"
    narrow = text.value(f"fptrunc double {values[0]} to float")
    back = text.value(f"fpext float {narrow} to double")
    error = text.value(f"fsub double {values[0]}, {back}")
    return _result(text, narrow, 32), _flags(text, "double", error, _signs_differ(text, [back, error], 64))


_EMIT: dict[str, Callable[[FunctionText, list[str], int], tuple[str, str]]] = {
    "fp_add": _add,
    "fp_sub": _sub,
    "fp_mul": _mul,
    "fp_fma": _fma,
    "fp_div": _div,
    "fp_sqrt": _sqrt,
    "fp_compare": _compare,
    "fp_convert": _convert,
}

QUICK_NAMES = (*(quick_name(name, width) for name in _OPERATIONS for width in _FORMATS), *INTEGER_QUICK_NAMES)
"""The IR names of all quick functions, in the order of the table `quick`."""

FLOAT_DECLARATIONS = """
declare double @llvm.fma.f64(double, double, double)
declare float @llvm.fma.f32(float, float, float)
declare double @llvm.sqrt.f64(double)
declare float @llvm.sqrt.f32(float)
"""

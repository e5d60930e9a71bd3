"""Floating point of ordinary numbers by the host's instructions, with exact flags; the rest is the engine's.

Ordinary: rounding to nearest even, operands that are zero or whose exponents stay so far from both ends that neither
result nor rounding error can leave the format. The rounding error of a sum, a product, a quotient, a root or a fused
multiply-add is a number of the format then, or the sum of two (Dekker 1971; Boldo, Muller: Exact and Approximated
Error of the FMA, 2011), so its value tells whether the result is inexact and its sign whether it was rounded up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .float_conversions import CONVERSION_DECLARATIONS, CONVERSIONS
from .quick import FORMATS, Quick, has_exponent, is_zero, only_if, signs_differ, told
from .text import FunctionText

_OPERANDS = {"fp_add": 2, "fp_sub": 2, "fp_mul": 2, "fp_div": 2, "fp_sqrt": 1, "fp_compare": 2, "fp_fma": 3}


def _quicks() -> list[Quick]:
    arithmetic = [Quick(name, width, 2 if name == "fp_compare" else width) for name in _OPERANDS for width in FORMATS]
    return [*arithmetic, *CONVERSIONS]


QUICKS = tuple(_quicks())
"""All that have a quick way, in the order of the table `quick`."""


def quick_of(name: str, widths: tuple[int, ...], extra: tuple[int, ...]) -> Quick | None:
    """The quick way of a built-in with operands of these widths and these constants, if it has one."""
    to = extra[0] if extra else 2 if name == "fp_compare" else widths[0] if widths else 0
    found = Quick(name, widths[0], to) if widths else None
    return found if found in QUICKS else None


def quick_texts() -> list[str]:
    """All quick functions."""
    return [_quick(quick) for quick in QUICKS]


def _quick(quick: Quick) -> str:
    text = FunctionText()
    operands = [f"%b{at}" for at in range(_OPERANDS.get(quick.name, 1))]
    value, flags = emit_quick(text, quick, operands, "%rounding", "slow")
    whole = text.value(f"insertvalue {quick.type} poison, i1 1, 0")
    whole = text.value(f"insertvalue {quick.type} {whole}, i{quick.to} {value}, 1")
    text.end(f"ret {quick.type} {text.value(f'insertvalue {quick.type} {whole}, i16 {flags}, 2')}")
    text.block("slow")
    text.end(f"ret {quick.type} zeroinitializer")
    parameters = [f"i{quick.width} {operand}" for operand in operands]
    if quick.name != "fp_compare":
        parameters.append("i3 %rounding")
    return text.text(f"define internal fastcc {quick.type} {quick.symbol}({', '.join(parameters)})")


def emit_quick(
    text: FunctionText, quick: Quick, operands: Sequence[str], rounding: str, slow: str
) -> tuple[str, str]:
    """(result, flags), in place; branches to the label `slow` where the quick way does not apply."""
    emit = CONVERSIONS.get(quick)
    if emit is not None:
        return emit(text, operands[0], rounding, slow)
    form = FORMATS[quick.width]
    if quick.name == "fp_compare":
        ordinary = "1"
        for operand in operands:
            normal = has_exponent(text, operand, quick.width, 1, form.exponents - 1)
            ordinary = text.value(f"and i1 {ordinary}, {normal}")
    else:
        ordinary = text.value(f"icmp eq i3 {rounding}, 0")
        for at, operand in enumerate(operands):
            ordinary = text.value(f"and i1 {ordinary}, {_is_ordinary(text, quick, at, operand)}")
    only_if(text, ordinary, slow)
    values = [text.value(f"bitcast i{quick.width} {operand} to {form.type}") for operand in operands]
    return _EMIT[quick.name](text, values, quick.width)


def _is_ordinary(text: FunctionText, quick: Quick, at: int, bits: str) -> str:
    """Whether operand `at` is ordinary: a divisor or a number whose root is taken may not be zero."""
    form, width = FORMATS[quick.width], quick.width
    inside = has_exponent(text, bits, width, form.first, form.last)
    if quick.name == "fp_sqrt":
        positive = text.value(f"icmp sgt i{width} {bits}, 0")
        return text.value(f"and i1 {inside}, {positive}")
    if quick.name == "fp_div" and at == 1:
        other = text.value(f"xor i1 {is_zero(text, bits, width)}, true")
        return text.value(f"and i1 {inside}, {other}")
    return inside


def _result(text: FunctionText, value: str, width: int) -> str:
    return text.value(f"bitcast {FORMATS[width].type} {value} to i{width}")


def _fused(text: FunctionText, type_: str, left: str, right: str, other: str) -> str:
    suffix = "f64" if type_ == "double" else "f32"
    return text.value(f"call {type_} @llvm.fma.{suffix}({type_} {left}, {type_} {right}, {type_} {other})")


def _add(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = FORMATS[width].type
    total, error = _two_sum(text, type_, values[0], values[1])
    return _result(text, total, width), told(text, type_, error, signs_differ(text, [total, error], width))


def _sub(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    negated = text.value(f"fneg {FORMATS[width].type} {values[1]}")
    return _add(text, [values[0], negated], width)


def _mul(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = FORMATS[width].type
    product = text.value(f"fmul {type_} {values[0]}, {values[1]}")
    negated = text.value(f"fneg {type_} {product}")
    error = _fused(text, type_, values[0], values[1], negated)
    return _result(text, product, width), told(text, type_, error, signs_differ(text, [product, error], width))


def _div(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = FORMATS[width].type
    quotient = text.value(f"fdiv {type_} {values[0]}, {values[1]}")
    negated = text.value(f"fneg {type_} {quotient}")
    rest = _fused(text, type_, negated, values[1], values[0])
    up = signs_differ(text, [quotient, rest, values[1]], width)
    return _result(text, quotient, width), told(text, type_, rest, up)


def _sqrt(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = FORMATS[width].type
    root = text.value(f"call {type_} @llvm.sqrt.{'f64' if width == 64 else 'f32'}({type_} {values[0]})")
    negated = text.value(f"fneg {type_} {root}")
    rest = _fused(text, type_, negated, root, values[0])
    return _result(text, root, width), told(text, type_, rest, signs_differ(text, [rest], width))


def _compare(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    type_ = FORMATS[width].type
    less = text.value(f"fcmp olt {type_} {values[0]}, {values[1]}")
    equal = text.value(f"fcmp oeq {type_} {values[0]}, {values[1]}")
    other = text.value(f"select i1 {equal}, i2 1, i2 2")
    return text.value(f"select i1 {less}, i2 0, i2 {other}"), "0"


def _fma(text: FunctionText, values: list[str], width: int) -> tuple[str, str]:
    """The error of r = a × x + y is the sum of two numbers, of which the first is 0 only if the second one decides."""
    type_ = FORMATS[width].type
    a, x, y = values
    result = _fused(text, type_, a, x, y)
    product = text.value(f"fmul {type_} {a}, {x}")
    of_product = _fused(text, type_, a, x, text.value(f"fneg {type_} {product}"))
    upper, lower = _two_sum(text, type_, y, of_product)
    total, of_total = _two_sum(text, type_, product, upper)
    gamma = text.value(f"fadd {type_} {text.value(f'fsub {type_} {total}, {result}')}, {of_total}")
    error = text.value(f"fadd {type_} {gamma}, {lower}")
    return _result(text, result, width), told(text, type_, error, signs_differ(text, [result, error], width))


def _two_sum(text: FunctionText, type_: str, left: str, right: str) -> tuple[str, str]:
    """The rounded sum and its error."""
    total = text.value(f"fadd {type_} {left}, {right}")
    of_right = text.value(f"fsub {type_} {total}, {left}")
    of_left = text.value(f"fsub {type_} {total}, {of_right}")
    left_error = text.value(f"fsub {type_} {left}, {of_left}")
    right_error = text.value(f"fsub {type_} {right}, {of_right}")
    return total, text.value(f"fadd {type_} {left_error}, {right_error}")


_EMIT: dict[str, Callable[[FunctionText, list[str], int], tuple[str, str]]] = {
    "fp_add": _add,
    "fp_sub": _sub,
    "fp_mul": _mul,
    "fp_div": _div,
    "fp_sqrt": _sqrt,
    "fp_compare": _compare,
    "fp_fma": _fma,
}

FLOAT_DECLARATIONS = f"""
declare double @llvm.fma.f64(double, double, double)
declare float @llvm.fma.f32(float, float, float)
declare double @llvm.sqrt.f64(double)
declare float @llvm.sqrt.f32(float)
{CONVERSION_DECLARATIONS}
"""

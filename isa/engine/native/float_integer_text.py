"""Conversions between floating point and integers by the host's instructions, where those are exact or exactly known.

To an integer: ordinary numbers that fit with room to spare, rounded toward zero or to nearest even. From an integer: to
nearest even. What was rounded is seen by converting back. The rest is the engine's, as in `float_text`.
"""

from __future__ import annotations

from .text import FunctionText

_TYPES = {32: ("float", 23, 127, 255), 64: ("double", 52, 1023, 2047)}
"""IR type, fraction bits, bias and largest biased exponent of an IEEE format."""
_INTEGERS = (32, 64)
_INEXACT = 1
_ROUNDED_UP = 1 << 6
_TOWARD_ZERO = 1

TO_INTEGER = ("fp_to_signed", "fp_to_unsigned")
FROM_INTEGER = ("fp_from_signed", "fp_from_unsigned")


def has_integer_quick(name: str, widths: tuple[int, ...], extra: tuple[int, ...]) -> bool:
    """Whether a conversion between formats of these widths has a quick way."""
    return name in (*TO_INTEGER, *FROM_INTEGER) and widths[0] in _INTEGERS and extra[0] in _INTEGERS


def integer_quick_name(name: str, width: int, to: int) -> str:
    """The IR function `{i1, iTO, i16} (iWIDTH, i3 rounding)`."""
    return f"@quick.{name}.{width}.{to}"


INTEGER_QUICK_NAMES = tuple(
    integer_quick_name(name, width, to)
    for name in (*TO_INTEGER, *FROM_INTEGER) for width in _INTEGERS for to in _INTEGERS
)  # fmt: skip


def integer_quick_texts() -> list[str]:
    """All of them, and the intrinsics that they call."""
    texts = [
        f"declare {type_} @llvm.{name}.f{width}({type_})"
        for name in ("roundeven", "trunc", "fabs") for width, (type_, *_) in _TYPES.items()
    ]  # fmt: skip
    for width in _INTEGERS:
        for to in _INTEGERS:
            texts += [_to_integer(name, width, to) for name in TO_INTEGER]
            texts += [_from_integer(name, width, to) for name in FROM_INTEGER]
    return texts


def _begin(text: FunctionText, applies: str) -> None:
    text.branch(applies, "quick", "slow")
    text.block("slow")
    text.end("ret %answer zeroinitializer")
    text.block("quick")


def _finished(text: FunctionText, name: str, width: int, to: int, value: str, inexact: str, up: str) -> str:
    answer = f"{{i1, i{to}, i16}}"
    both = text.value(f"and i1 {inexact}, {up}")
    low = text.value(f"select i1 {inexact}, i16 {_INEXACT}, i16 0")
    flags = text.value(f"or i16 {low}, {text.value(f'select i1 {both}, i16 {_ROUNDED_UP}, i16 0')}")
    whole = text.value(f"insertvalue {answer} poison, i1 1, 0")
    whole = text.value(f"insertvalue {answer} {whole}, i{to} {value}, 1")
    text.end(f"ret {answer} {text.value(f'insertvalue {answer} {whole}, i16 {flags}, 2')}")
    head = f"define internal fastcc {answer} {integer_quick_name(name, width, to)}(i{width} %v, i3 %rounding)"
    return text.text(head).replace("%answer", answer)


def _to_integer(name: str, width: int, to: int) -> str:
    text = FunctionText()
    type_, fraction, bias, most = _TYPES[width]
    exponent = text.value(f"and i{width} {text.value(f'lshr i{width} %v, {fraction}')}, {most}")
    # Rounded to nearest, a number below 2 to the power of bits - 2 is at most that.
    fits = text.value(f"icmp ult i{width} {exponent}, {bias + to - 2}")
    normal = text.value(f"icmp ne i{width} {exponent}, 0")
    zero = text.value(f"icmp eq i{width} {text.value(f'shl i{width} %v, 1')}, 0")
    applies = text.value(f"and i1 {fits}, {text.value(f'or i1 {normal}, {zero}')}")
    known = text.value("icmp ule i3 %rounding, 1")
    applies = text.value(f"and i1 {applies}, {known}")
    if name == "fp_to_unsigned":
        applies = text.value(f"and i1 {applies}, {text.value(f'icmp sge i{width} %v, 0')}")
    _begin(text, applies)
    value = text.value(f"bitcast i{width} %v to {type_}")
    near = text.value(f"call {type_} @llvm.roundeven.f{width}({type_} {value})")
    cut = text.value(f"call {type_} @llvm.trunc.f{width}({type_} {value})")
    toward_zero = text.value(f"icmp eq i3 %rounding, {_TOWARD_ZERO}")
    whole = text.value(f"select i1 {toward_zero}, {type_} {cut}, {type_} {near}")
    number = text.value(f"fptosi {type_} {whole} to i64")
    if to == 32:
        number = text.value(f"trunc i64 {number} to i32")
    inexact = text.value(f"fcmp une {type_} {whole}, {value}")
    sizes = [text.value(f"call {type_} @llvm.fabs.f{width}({type_} {one})") for one in (whole, value)]
    up = text.value(f"fcmp ogt {type_} {sizes[0]}, {sizes[1]}")
    return _finished(text, name, width, to, number, inexact, up)


def _from_integer(name: str, width: int, to: int) -> str:
    text = FunctionText()
    type_ = _TYPES[to][0]
    wide = "%v"
    if width == 32:
        wide = text.value(f"{'sext' if name == 'fp_from_signed' else 'zext'} i32 %v to i64")
    # Far from both ends of 64 bits, the number and what it is rounded to can both be converted back.
    moved = text.value(f"add i64 {wide}, {1 << 62}")
    inside = text.value(f"icmp ult i64 {moved}, {1 << 63}")
    if name == "fp_from_unsigned":
        inside = text.value(f"icmp ult i64 {wide}, {1 << 62}")
    near = text.value("icmp eq i3 %rounding, 0")
    _begin(text, text.value(f"and i1 {inside}, {near}"))
    number = text.value(f"sitofp i64 {wide} to {type_}")
    back = text.value(f"fptosi {type_} {number} to i64")
    inexact = text.value(f"icmp ne i64 {back}, {wide}")
    bits = text.value(f"bitcast {type_} {number} to i{to}")
    above = text.value(f"icmp sgt i64 {back}, {wide}")
    negative = text.value(f"icmp slt i64 {wide}, 0")
    return _finished(text, name, width, to, bits, inexact, text.value(f"xor i1 {above}, {negative}"))

"""Built-ins that become a few instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .lanes_text import LANE_BUILTINS
from .operators import resize
from .text import FunctionText

Values = Sequence[tuple[str, int]]
"""Operands and their widths."""


def _replicate(text: FunctionText, values: Values, extra: tuple[int, ...]) -> list[str]:
    value, width = values[0]
    whole = width * extra[0]
    wide = resize(text, value, width, whole)
    ones = sum(1 << width * at for at in range(extra[0]))
    return [text.value(f"mul i{whole} {wide}, {ones}")] if extra[0] > 1 else [wide]


def _rotate(name: str) -> Callable[[FunctionText, Values, tuple[int, ...]], list[str]]:
    intrinsic = "fshl" if name == "rotate_left" else "fshr"

    def emit(text: FunctionText, values: Values, _: tuple[int, ...]) -> list[str]:
        (value, width), (amount, amount_width) = values
        # The funnel shift takes its amount modulo the width; a longer amount is reduced before it is cut.
        if amount_width > width:
            amount = text.value(f"urem i{amount_width} {amount}, {width}")
        amount = resize(text, amount, amount_width, width)
        type_ = f"i{width}"
        operands = f"{type_} {value}, {type_} {value}, {type_} {amount}"
        return [text.value(f"call {type_} @llvm.{intrinsic}.{type_}({operands})")]

    return emit


def _count(intrinsic: str, flag: str) -> Callable[[FunctionText, Values, tuple[int, ...]], list[str]]:
    def emit(text: FunctionText, values: Values, _: tuple[int, ...]) -> list[str]:
        value, width = values[0]
        return [text.value(f"call i{width} @llvm.{intrinsic}.i{width}(i{width} {value}{flag})")]

    return emit


def _byte_reverse(text: FunctionText, values: Values, _: tuple[int, ...]) -> list[str]:
    value, width = values[0]
    if width == 8:
        return [value]
    if width % 16 == 0:
        return [text.value(f"call i{width} @llvm.bswap.i{width}(i{width} {value})")]
    # There is no swap of an odd number of bytes: one more byte, which the swap moves to the other end.
    type_ = f"i{width + 8}"
    wide = text.value(f"call {type_} @llvm.bswap.{type_}({type_} {resize(text, value, width, width + 8)})")
    return [resize(text, text.value(f"lshr {type_} {wide}, 8"), width + 8, width)]


def _add_with_carry(text: FunctionText, values: Values, _: tuple[int, ...]) -> list[str]:
    left, right, carry = (value for value, _ in values)
    width = values[0][1]
    type_ = f"i{width}"
    pair = f"{{{type_}, i1}}"
    first = text.value(f"call {pair} @llvm.uadd.with.overflow.{type_}({type_} {left}, {type_} {right})")
    partial = text.value(f"extractvalue {pair} {first}, 0")
    second = text.value(
        f"call {pair} @llvm.uadd.with.overflow.{type_}({type_} {partial}, {type_} {resize(text, carry, 1, width)})"
    )
    total = text.value(f"extractvalue {pair} {second}, 0")
    carries = [text.value(f"extractvalue {pair} {part}, 1") for part in (first, second)]
    out = text.value(f"or i1 {carries[0]}, {carries[1]}")
    left_signs = text.value(f"xor {type_} {left}, {total}")
    right_signs = text.value(f"xor {type_} {right}, {total}")
    both = text.value(f"and {type_} {left_signs}, {right_signs}")
    return [total, out, text.value(f"icmp slt {type_} {both}, 0")]


def _saturate(signed: bool) -> Callable[[FunctionText, Values, tuple[int, ...]], list[str]]:
    def emit(text: FunctionText, values: Values, extra: tuple[int, ...]) -> list[str]:
        value, width = values[0]
        bits = extra[0]
        work = max(width, bits) + 1
        wide = resize(text, value, width, work, signed=True)
        top = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
        low = -(1 << (bits - 1)) if signed else 0
        type_ = f"i{work}"
        over = text.value(f"icmp sgt {type_} {wide}, {top}")
        under = text.value(f"icmp slt {type_} {wide}, {low}")
        limited = text.value(f"select i1 {over}, {type_} {top}, {type_} {wide}")
        limited = text.value(f"select i1 {under}, {type_} {low}, {type_} {limited}")
        return [resize(text, limited, work, bits), text.value(f"or i1 {over}, {under}")]

    return emit


EMITTED: dict[str, Callable[[FunctionText, Values, tuple[int, ...]], list[str]]] = {
    "replicate": _replicate,
    "rotate_left": _rotate("rotate_left"),
    "rotate_right": _rotate("rotate_right"),
    "count_leading_zeros": _count("ctlz", ", i1 false"),
    "count_trailing_zeros": _count("cttz", ", i1 false"),
    "count_ones": _count("ctpop", ""),
    "bit_reverse": _count("bitreverse", ""),
    "byte_reverse": _byte_reverse,
    "add_with_carry": _add_with_carry,
    "saturate_signed": _saturate(signed=True),
    "saturate_unsigned": _saturate(signed=False),
    **LANE_BUILTINS,
}
"""What writes each of them."""


def emit_builtin(text: FunctionText, name: str, values: Values, extra: tuple[int, ...]) -> list[str]:
    """The results of a built-in of EMITTED."""
    return EMITTED[name](text, values, extra)

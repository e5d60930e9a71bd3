"""Built-ins on lanes: a number of `n * w` bits is n elements of w bits each, the first one in the lowest bits.

No description has them: bodies get them in place of loops over elements (see `bodies.lanes`). LLVM makes vector
instructions of them; the numbers between them are never there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from .text import FunctionText

LANES = "lanes_"
"""What the names of these built-ins begin with."""
PLAIN_LANES = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor"}
COMPARED_LANES = {
    "==": "eq", "!=": "ne", "<": "ult", "<=": "ule", ">": "ugt", ">=": "uge",
    "<s": "slt", "<=s": "sle", ">s": "sgt", ">=s": "sge",
}  # fmt: skip
SHIFTED_LANES = {"<<": "shl", ">>": "lshr", ">>s": "ashr"}

_Values = Sequence[tuple[str, int]]
_Emit = Callable[[FunctionText, _Values, tuple[int, ...]], list[str]]


def _vector(text: FunctionText, value: str, width: int, count: int) -> str:
    return text.value(f"bitcast i{width * count} {value} to <{count} x i{width}>")


def _flat(text: FunctionText, vector: str, width: int, count: int) -> list[str]:
    return [text.value(f"bitcast <{count} x i{width}> {vector} to i{width * count}")]


def _binary(word: str, text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count = extra
    left, right = (_vector(text, value, width, count) for value, _ in values)
    return _flat(text, text.value(f"{word} <{count} x i{width}> {left}, {right}"), width, count)


def _compare(word: str, text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count = extra
    left, right = (_vector(text, value, width, count) for value, _ in values)
    return _flat(text, text.value(f"icmp {word} <{count} x i{width}> {left}, {right}"), 1, count)


def _resize(word: str, text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count, to = extra
    vector = _vector(text, values[0][0], width, count)
    return _flat(text, text.value(f"{word} <{count} x i{width}> {vector} to <{count} x i{to}>"), to, count)


def _select(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count = extra
    condition = _vector(text, values[0][0], 1, count)
    then, otherwise = (_vector(text, value, width, count) for value, _ in values[1:])
    type_ = f"<{count} x i{width}>"
    return _flat(
        text, text.value(f"select <{count} x i1> {condition}, {type_} {then}, {type_} {otherwise}"), width, count
    )


def _splat(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count = extra
    type_ = f"<{count} x i{width}>"
    first = text.value(f"insertelement {type_} poison, i{width} {values[0][0]}, i64 0")
    whole = text.value(f"shufflevector {type_} {first}, {type_} poison, <{count} x i32> zeroinitializer")
    return _flat(text, whole, width, count)


def _rotate(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    width, count = extra
    value, amount = (_vector(text, one, width, count) for one, _ in values)
    type_ = f"<{count} x i{width}>"
    operands = f"{type_} {value}, {type_} {value}, {type_} {amount}"
    return _flat(text, text.value(f"call {type_} @llvm.fshl.v{count}i{width}({operands})"), width, count)


def _shuffle(text: FunctionText, type_: tuple[int, int], left: str, right: str, places: Sequence[int]) -> str:
    width, count = type_
    vector = f"<{count} x i{width}>"
    mask = ", ".join(f"i32 {place}" for place in places)
    return text.value(f"shufflevector {vector} {left}, {vector} {right}, <{len(places)} x i32> <{mask}>")


def _take(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    """Of a number of `count` elements those at some places."""
    width, count, *places = extra
    vector = _vector(text, values[0][0], width, count)
    return _flat(text, _shuffle(text, (width, count), vector, "poison", places), width, len(places))


def _put(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    """A number of `count` elements with lanes at some of its places."""
    width, count, *places = extra
    base = _vector(text, values[0][0], width, count)
    lanes = _vector(text, values[1][0], width, len(places))
    wide = _shuffle(text, (width, len(places)), lanes, "poison", [min(at, len(places)) for at in range(count)])
    found = {place: at for at, place in enumerate(places)}
    mask = [count + found[at] if at in found else at for at in range(count)]
    return _flat(text, _shuffle(text, (width, count), base, wide, mask), width, count)


def _look_up(text: FunctionText, values: _Values, extra: tuple[int, ...]) -> list[str]:
    """Elements of a number of `size` elements, by lanes that say which: LLVM has an instruction for bytes."""
    width, count, size = extra
    table = _vector(text, values[0][0], width, size)
    places = _vector(text, values[1][0], width, count)
    whole = "poison"
    for at in range(count):
        place = text.value(f"extractelement <{count} x i{width}> {places}, i64 {at}")
        wide = place if width == 64 else text.value(f"zext i{width} {place} to i64")
        element = text.value(f"extractelement <{size} x i{width}> {table}, i64 {wide}")
        whole = text.value(f"insertelement <{count} x i{width}> {whole}, i{width} {element}, i64 {at}")
    return _flat(text, whole, width, count)


LANE_BUILTINS: dict[str, _Emit] = {
    **{LANES + sign: partial(_binary, word) for sign, word in (PLAIN_LANES | SHIFTED_LANES).items()},
    **{LANES + sign: partial(_compare, word) for sign, word in COMPARED_LANES.items()},
    LANES + "cut": partial(_resize, "trunc"),
    LANES + "extend": partial(_resize, "zext"),
    LANES + "sign": partial(_resize, "sext"),
    LANES + "select": _select,
    LANES + "splat": _splat,
    LANES + "rotate": _rotate,
    LANES + "take": _take,
    LANES + "put": _put,
    LANES + "look_up": _look_up,
}
"""What writes each of them. `extra` begins with the width and the number of elements."""

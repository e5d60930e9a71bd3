"""What begins a unit and what leaves it, as stencils: numbers are symbols, the way on is `next`.

A unit is entered as a handler is. It goes on only where its instructions can all be counted; whoever leaves it
earlier gives back what was not done.
"""

from __future__ import annotations

import re

from ..copies import HOT, MISS, NEXT
from ..handlers import CONVENTION, stop, tell_hot
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize

PIECES = "(ptr %cpu, ptr %at, i64 %pc, i64 %left, i64 %aside)"
"""A handler's, and the address that `indirect` goes to."""
STENCILS = (
    "(ptr %cpu, i64 %g0, i64 %g1, i64 %left, i64 %aside, i64 %g2, i64 %free0, i64 %free1, i64 %g3, i64 %g4, i64 %g5)"
)
"""Within a unit, where entry and address are known, six of the host's registers hold guest's: see `HOSTS`."""
PIECE = "piece."
"""What the names of pieces begin with."""
_GLUE = "glue."
ANYTHING = (0, (1 << 64) - 1)
"""The bounds of a number of which nothing is known."""
_BOUNDS = dict.fromkeys((f"{_GLUE}{name}" for name in ("count", "rest", "place", "scale")), (0, (1 << 31) - 1))
_HOLE = re.compile(r"@(glue\.\w+)")


def glue_texts() -> list[str]:
    """The definitions of all pieces."""
    return _with_numbers([
        _begin(), _check(32), _check(64), _handler(), _leave(), _arrive(False), _arrive(True), _indirect(), _hot(),
    ])  # fmt: skip


def inner_texts() -> list[str]:
    """The definitions of pieces between stencils."""
    return _with_numbers([_again()])


def _with_numbers(texts: list[str]) -> list[str]:
    names = sorted(set(_HOLE.findall("\n".join(texts))))
    return [*texts, *(absolute(f"@{name}", *_BOUNDS.get(name, ANYTHING)) for name in names)]


def absolute(symbol: str, low: int, last: int) -> str:
    """The declaration of a symbol whose address is a number from `low` to `last`."""
    high = last + 1
    if high - low == 1 << 64:
        low = high = -1
    elif high >> 63:
        high -= 1 << 64
    return f"{symbol} = external dso_local global i8, !absolute_symbol !{{i64 {low}, i64 {high}}}"


def opaque(text: FunctionText, symbol: str, type_: str = "i64") -> str:
    """A number of 64 bits in a register: LLVM's patterns would take it for one of 32 where it is stored."""
    value = symbol if type_ == "ptr" else f"ptrtoint (ptr {symbol} to {type_})"
    return text.value(f'call {type_} asm "", "=r,0"({type_} {value})')


def _piece_out(text: FunctionText, name: str, left: str = "%left") -> None:
    """Ends in a way out of a piece."""
    on = f"musttail call {CONVENTION} i32 @{name}(ptr %cpu, ptr %at, i64 %pc, i64 {left}, i64 poison)"
    text.end(f"ret i32 {text.value(on)}")


def way_out(text: FunctionText, name: str, aside: str = "poison", left: str = "%left") -> None:
    """Ends in a way out of a stencil, the guest's registers as they were."""
    held = f"i64 {aside}, i64 %g2, i64 poison, i64 poison, i64 %g3, i64 %g4, i64 %g5"
    on = f"musttail call {CONVENTION} i32 @{name}(ptr %cpu, i64 %g0, i64 %g1, i64 {left}, {held})"
    text.end(f"ret i32 {text.value(on)}")


def definition(name: str, text: FunctionText, signature: str = STENCILS) -> str:
    """A stencil's, in a section of its own: so whatever it reaches outside of itself has a relocation."""
    how = f'nounwind optsize "no-jump-tables"="true" section ".text.{name}"'
    return text.text(f"define {CONVENTION} i32 @{name}{signature} {how}")


def _number(name: str) -> str:
    return f"ptrtoint (ptr @{_GLUE}{name} to i64)"


def _wide(text: FunctionText, name: str) -> str:
    return opaque(text, f"@{_GLUE}{name}")


def _pointer(text: FunctionText, name: str) -> str:
    return opaque(text, f"@{_GLUE}{name}", "ptr")


def _begin() -> str:
    """Counts an arrival, and all instructions of the unit; past the unit at another address."""
    text = FunctionText()
    same = text.value(f"icmp eq i64 %pc, {_wide(text, 'pc')}")
    text.end(f"br i1 {same}, label %here, label %miss, !prof !0")
    text.block("here")
    counter = _pointer(text, "counter")
    count = text.value(f"sub i64 {text.value(f'load i64, ptr {counter}')}, 1")
    text.do(f"store i64 {count}, ptr {counter}")
    text.end(f"br i1 {text.value(f'icmp eq i64 {count}, 0')}, label %hot, label %on, !prof !1")
    text.block("hot")
    stop(text, "%pc", "%left", cpu.HOT_STATUS)
    text.block("on")
    rest = text.value(f"sub i64 %left, {_number('count')}")
    text.end(f"br i1 {text.value(f'icmp sgt i64 {rest}, 0')}, label %enough, label %miss, !prof !0")
    text.block("enough")
    _piece_out(text, NEXT, rest)
    text.block("miss")
    _piece_out(text, MISS)
    return definition(f"{PIECE}begin", text, PIECES)


def _again() -> str:
    """Counts one more arrival, and all instructions, where a unit goes back to its beginning; `rest` were not done."""
    text = FunctionText()
    counter, left = _pointer(text, "counter"), _left(text)
    count = text.value(f"sub i64 {text.value(f'load i64, ptr {counter}')}, 1")
    text.do(f"store i64 {count}, ptr {counter}")
    text.end(f"br i1 {text.value(f'icmp eq i64 {count}, 0')}, label %hot, label %on, !prof !1")
    text.block("hot")
    way_out(text, HOT, left=left)
    text.block("on")
    rest = text.value(f"sub i64 {left}, {_number('count')}")
    text.end(f"br i1 {text.value(f'icmp sgt i64 {rest}, 0')}, label %enough, label %miss, !prof !0")
    text.block("enough")
    way_out(text, NEXT, left=rest)
    text.block("miss")
    way_out(text, MISS, left=left)
    return definition(f"{PIECE}again", text)


def _hot() -> str:
    """Tells that the unit is hot."""
    text = FunctionText()
    stop(text, _wide(text, "pc"), "%left", cpu.HOT_STATUS)
    return definition(f"{PIECE}hot", text, PIECES)


def _check(bits: int) -> str:
    """Past the unit where a register's modes are others."""
    text = FunctionText()
    value = text.value(f"load i{bits}, ptr {text.address('%cpu', _number('place'))}")
    mask, wanted = (resize(text, _wide(text, name), 64, bits) for name in ("mask", "wanted"))
    same = text.value(f"icmp eq i{bits} {text.value(f'and i{bits} {value}, {mask}')}, {wanted}")
    text.end(f"br i1 {same}, label %on, label %miss, !prof !0")
    text.block("on")
    _piece_out(text, NEXT)
    text.block("miss")
    _piece_out(text, MISS)
    return definition(f"{PIECE}check{bits}", text, PIECES)


def _handler() -> str:
    """To a handler, with everything as it was when the unit was entered."""
    text = FunctionText()
    _to_handler(text, "%at", "%pc", "%left")
    return definition(f"{PIECE}handler", text, PIECES)


def _leave() -> str:
    """To the handler of an instruction; `rest` instructions were not executed."""
    text = FunctionText()
    _to_handler(text, _pointer(text, "entry"), _wide(text, "pc"), _left(text))
    return definition(f"{PIECE}leave", text, PIECES)


def _left(text: FunctionText) -> str:
    return text.value(f"add i64 %left, {_number('rest')}")


def _to_handler(text: FunctionText, entry: str, pc: str, left: str) -> None:
    _call(text, _pointer(text, "handler"), entry, pc, left)


def _call(text: FunctionText, handler: str, entry: str, pc: str, left: str) -> None:
    call = f"musttail call {CONVENTION} i32 {handler}(ptr %cpu, ptr {entry}, i64 {pc}, i64 {left}, i64 poison)"
    text.end(f"ret i32 {text.value(call)}")


def _arrive(counted: bool) -> str:
    """To an entry of the same page, which perhaps counts that."""
    text = FunctionText()
    entry, pc, left = _pointer(text, "entry"), _wide(text, "pc"), _left(text)
    if counted:
        _count(text, entry, pc, left)
    _call(text, text.value(f"load ptr, ptr {entry}"), entry, pc, left)
    return definition(f"{PIECE}arrive" if counted else f"{PIECE}go", text, PIECES)


def _count(text: FunctionText, entry: str, pc: str, left: str) -> None:
    place = text.address(entry, cpu.CODE_COUNTER)
    count = text.value(f"add i16 {text.value(f'load i16, ptr {place}')}, 1")
    text.do(f"store i16 {count}, ptr {place}")
    text.end(f"br i1 {text.value(f'icmp eq i16 {count}, 0')}, label %hot, label %on, !prof !1")
    text.block("hot")
    tell_hot(text, entry, pc, left, "on")
    text.block("on")


def _indirect() -> str:
    """To the address in `aside`: in the same page by its entry, else by the handler that finds pages."""
    text = FunctionText()
    left = _left(text)
    distance = text.value(f"xor i64 %aside, {_wide(text, 'pc')}")
    outside = text.value(f"and i64 {distance}, {_wide(text, 'outside')}")
    text.branch(text.value(f"icmp eq i64 {outside}, 0"), "close", "far")
    text.block("close")
    offset = text.value("and i64 %aside, 4095")
    place = text.value(f"mul i64 {offset}, {_number('scale')}")
    entry = text.address(_pointer(text, "entry"), place)
    _count(text, entry, "%aside", left)
    _call(text, text.value(f"load ptr, ptr {entry}"), entry, "%aside", left)
    text.block("far")
    _to_handler(text, "%at", "%aside", left)
    return definition(f"{PIECE}indirect", text, PIECES)

"""What begins a unit and what leaves it, as stencils: numbers are symbols, the way on is `next`.

A unit is entered as a handler is. It goes on only where its instructions can all be counted; whoever leaves it
earlier gives back what was not done.
"""

from __future__ import annotations

import re

from ..copies import MISS, NEXT
from ..handlers import CONVENTION, stop
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize

SIGNATURE = "(ptr %cpu, ptr %at, i64 %pc, i64 %left, i64 %aside)"
"""A handler's, and the address that `indirect` goes to."""
PIECE = "piece."
"""What the names of pieces begin with."""
_GLUE = "glue."
ANYTHING = (0, (1 << 64) - 1)
"""The bounds of a number of which nothing is known."""
_BOUNDS = dict.fromkeys((f"{_GLUE}{name}" for name in ("count", "rest", "place", "scale")), (0, (1 << 31) - 1))
_HOLE = re.compile(r"@(glue\.\w+)")


def glue_texts() -> list[str]:
    """The definitions of all pieces."""
    texts = [_begin(), _check(32), _check(64), _handler(), _leave(), _arrive(False), _arrive(True), _indirect()]
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


def way_out(text: FunctionText, name: str, aside: str = "poison") -> None:
    """Ends in a way out, with everything as it was."""
    on = f"musttail call {CONVENTION} i32 @{name}(ptr %cpu, ptr %at, i64 %pc, i64 %left, i64 {aside})"
    text.end(f"ret i32 {text.value(on)}")


def definition(name: str, text: FunctionText) -> str:
    """A stencil's, in a section of its own: so whatever it reaches outside of itself has a relocation."""
    how = f'nounwind optsize "no-jump-tables"="true" section ".text.{name}"'
    return text.text(f"define {CONVENTION} i32 @{name}{SIGNATURE} {how}")


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
    on = f"musttail call {CONVENTION} i32 @{NEXT}(ptr %cpu, ptr %at, i64 %pc, i64 {rest}, i64 poison)"
    text.end(f"ret i32 {text.value(on)}")
    text.block("miss")
    way_out(text, MISS)
    return definition(f"{PIECE}begin", text)


def _check(bits: int) -> str:
    """Past the unit where a register's modes are others."""
    text = FunctionText()
    value = text.value(f"load i{bits}, ptr {text.address('%cpu', _number('place'))}")
    mask, wanted = (resize(text, _wide(text, name), 64, bits) for name in ("mask", "wanted"))
    same = text.value(f"icmp eq i{bits} {text.value(f'and i{bits} {value}, {mask}')}, {wanted}")
    text.end(f"br i1 {same}, label %on, label %miss, !prof !0")
    text.block("on")
    way_out(text, NEXT)
    text.block("miss")
    way_out(text, MISS)
    return definition(f"{PIECE}check{bits}", text)


def _handler() -> str:
    """To a handler, with everything as it was when the unit was entered."""
    text = FunctionText()
    _to_handler(text, "%at", "%pc", "%left")
    return definition(f"{PIECE}handler", text)


def _leave() -> str:
    """To the handler of an instruction; `rest` instructions were not executed."""
    text = FunctionText()
    _to_handler(text, _pointer(text, "entry"), _wide(text, "pc"), _left(text))
    return definition(f"{PIECE}leave", text)


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
    return definition(f"{PIECE}arrive" if counted else f"{PIECE}go", text)


def _count(text: FunctionText, entry: str, pc: str, left: str) -> None:
    place = text.address(entry, cpu.CODE_COUNTER)
    count = text.value(f"add i16 {text.value(f'load i16, ptr {place}')}, 1")
    text.do(f"store i16 {count}, ptr {place}")
    text.end(f"br i1 {text.value(f'icmp eq i16 {count}, 0')}, label %hot, label %on, !prof !1")
    text.block("hot")
    stop(text, pc, left, cpu.HOT_STATUS)
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
    return definition(f"{PIECE}indirect", text)

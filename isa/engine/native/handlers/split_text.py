"""Instructions that begin in one page and go on in the next, in IR: their handler reads both parts each time.

Which page is next, and what stands there, may be other than it was; so nothing of it is kept but its part of the word,
for as long as it takes to execute.
"""

from __future__ import annotations

from ....model.items import Description, InstructionSet
from ..bodies import Unit
from ..memory import fetch_index
from ..shared import PICKS, decoder_name
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol
from .entry_text import CONVENTION, HANDLER, stop

_PAGE = 4096
_SETTLED = 1 << 15
"""Nobody wants to be told of arrivals there: such an instruction belongs to no region."""


def split_text(unit: Unit) -> str:
    """The handler `split`. Where either page is not known, or not to be decoded by native code, it returns
    SPLIT_STATUS."""
    text, description = FunctionText(), unit.description
    sets = [found for found in description.instruction_sets.values() if found.long]
    if sets and description.set_state and len(description.instruction_sets) > 1:
        width = description.functions[description.set_state].results[0]
        state = text.value(f"call fastcc i{width} {symbol('f', description.set_state)}(ptr %cpu)")
        arms = " ".join(f"i{width} {found.code}, label %set{found.code}" for found in sets)
        text.end(f"switch i{width} {state}, label %outside [ {arms} ]")
    elif sets:
        text.end(f"br label %set{sets[0].code}")
    for found in sets:
        text.block(f"set{found.code}")
        _execute(text, description, found)
    text.block("outside")
    stop(text, "%pc", "%left", cpu.SPLIT_STATUS)
    return text.text(f"define internal {CONVENTION} i32 @split{HANDLER}")


def _execute(text: FunctionText, description: Description, found: InstructionSet) -> None:
    unit_bytes = found.unit // 8
    own = text.address("%at", (1 + cpu.JUMPS) * cpu.CODE_ENTRY)
    first = _part(text, found, own, _PAGE - unit_bytes)
    following = text.value(f"add i64 %pc, {unit_bytes}")
    if description.address_width < 64:
        following = text.value(f"and i64 {following}, {(1 << description.address_width) - 1}")
    context, code = text.field(cpu.CONTEXT), str(found.code)
    place = text.value(f"or i64 {text.value(f'and i64 {following}, -{_PAGE}')}, {context}")
    key = text.value(f"or i64 {place}, {code}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.FETCHES)}, !invariant.load !0")
    index = fetch_index(text, following, context, code)
    entry = text.address(start, text.value(f"mul i64 {index}, {cpu.FETCH_ENTRY}"))
    known = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
    hit = text.name()
    text.branch(known, hit, "outside")
    text.block(hit)
    page = text.value(f"load ptr, ptr {text.address(entry, 8)}")
    end = text.address(page, (_PAGE // unit_bytes + cpu.JUMPS) * cpu.CODE_ENTRY)
    second = _part(text, found, end, 0)
    high = text.value(f"shl i32 {first}, {found.unit}")
    word = text.value(f"or i32 {high}, {second}")
    length = 2 * unit_bytes
    if not any(f.instruction_set == found.name and f.length == 8 * length for f in description.forms.values()):
        text.end("br label %outside")
        return
    number = text.value(f'call i32 @"{decoder_name(found.name, 8 * length)}"(i32 {word})')
    is_form = text.name()
    text.branch(text.value(f"icmp sge i32 {number}, 0"), is_form, "outside")
    text.block(is_form)
    wide = text.value(f"zext i32 {number} to i64")
    pick = text.value(f"load ptr, ptr {text.address(f'@{PICKS}', text.value(f'mul i64 {wide}, 8'))}")
    handler = text.value(f"call ptr {pick}(i32 {word})")
    text.do(f"store i32 {word}, ptr {text.address('%at', 8)}")
    text.do(f"store i16 {length | _SETTLED}, ptr {text.address('%at', cpu.CODE_LENGTH)}")
    # The entry stays this handler's; where the instruction goes on behind itself stands an entry that jumps.
    call = f"musttail call {CONVENTION} i32 {handler}(ptr %cpu, ptr %at, i64 %pc, i64 %left)"
    text.end(f"ret i32 {text.value(call)}")


def _part(text: FunctionText, found: InstructionSet, end: str, offset: int) -> str:
    """A unit of a page's bytes, as 32 bits, by what stands behind the page's entries; without bytes it is outside."""
    host = text.value(f"load ptr, ptr {end}")
    there = text.name()
    text.branch(text.value(f"icmp eq ptr {host}, null"), "outside", there)
    text.block(there)
    width = found.unit
    value = text.value(f"load i{width}, ptr {text.address(host, offset)}, align 1")
    if width > 8:
        big = text.value(f"icmp ne i8 {text.value(f'load i8, ptr {text.address(end, cpu.PAGE_END_ORDER)}')}, 0")
        swapped = text.value(f"call i{width} @llvm.bswap.i{width}(i{width} {value})")
        value = text.value(f"select i1 {big}, i{width} {swapped}, i{width} {value}")
    return resize(text, value, width, 32)

"""Filling decoded pages in IR: the handler of entries that nothing has been decoded to yet.

It decodes the instruction and those behind it that are sure to follow, as `native_decode` does. Pages that it may
decode say where their bytes are; for all others it returns to the loop.
"""

from __future__ import annotations

from ....model.items import Description, InstructionSet
from ..bodies import Unit
from ..memory import mark_decoded
from ..shared import AHEAD, PICKS, decoder_name
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol
from .entry_text import CONVENTION, HANDLER, stop, tail
from .split_text import split_text

_PAGE = 4096


def fill_texts(unit: Unit) -> list[str]:
    """The handlers `undecoded` and `split`, and what fills entries for each instruction set."""
    sets = list(unit.description.instruction_sets.values())
    fills = [_fill_text(unit.description, instruction_set) for instruction_set in sets]
    return [*fills, _undecoded_text(unit), split_text(unit)]


def _undecoded_text(unit: Unit) -> str:
    text, description = FunctionText(), unit.description
    sets = list(description.instruction_sets.values())
    if description.set_state and len(sets) > 1:
        width = description.functions[description.set_state].results[0]
        state = text.value(f"call fastcc i{width} {symbol('f', description.set_state)}(ptr %cpu)")
        arms = " ".join(f"i{width} {found.code}, label %set{found.code}" for found in sets)
        text.end(f"switch i{width} {state}, label %outside [ {arms} ]")
    for found in sets:
        unit_bytes = found.unit // 8
        text.block(f"set{found.code}")
        offset = text.value(f"and i64 %pc, {_PAGE - 1}")
        distance = text.value(f"mul i64 {offset}, {cpu.CODE_ENTRY // unit_bytes}")
        start = text.address("%at", text.value(f"sub i64 0, {distance}"))
        end = text.address(start, (_PAGE // unit_bytes + cpu.JUMPS) * cpu.CODE_ENTRY)
        host = text.value(f"load ptr, ptr {end}")
        known = text.name()
        text.branch(text.value(f"icmp eq ptr {host}, null"), "outside", known)
        text.block(known)
        text.do(f"call fastcc void {_fill_name(found)}(ptr %cpu, ptr {start}, ptr {end}, ptr {host}, i64 {offset})")
        tail(text, "%at", "%pc", "%left")
    text.block("outside")
    stop(text, "%pc", "%left", cpu.UNDECODED_STATUS)
    return text.text(f"define internal {CONVENTION} i32 @undecoded{HANDLER}")


def _fill_name(instruction_set: InstructionSet) -> str:
    return symbol("fill", instruction_set.name)


def _fill_text(description: Description, found: InstructionSet) -> str:
    """Fills the entry at an offset in a page and those behind it."""
    text, unit_bytes = FunctionText(), found.unit // 8
    place, done = text.variable("i64"), text.variable("i64")
    text.do(f"store i64 %offset, ptr {place}")
    text.do(f"store i64 0, ptr {done}")
    counter = text.value(f"load i16, ptr {text.address('%end', cpu.PAGE_END_COUNTER)}")
    order = text.value(f"load i8, ptr {text.address('%end', cpu.PAGE_END_ORDER)}")
    marks = text.value(f"load ptr, ptr {text.address('%end', cpu.PAGE_END_MARKS)}")
    big = text.value(f"icmp ne i8 {order}, 0")
    text.block("one")
    offset = text.value(f"load i64, ptr {place}")
    entry = text.address("%start", text.value(f"mul i64 {offset}, {cpu.CODE_ENTRY // unit_bytes}"))
    first = _unit(text, offset, found.unit, big)
    if found.long:
        is_long = text.value(f"call fastcc i1 {symbol('f', found.long)}(ptr %cpu, i{found.unit} {first})")
        text.branch(is_long, "long", "short")
        text.block("long")
        # What goes on in another page is put together each time.
        last = text.value(f"icmp eq i64 {offset}, {_PAGE - unit_bytes}")
        text.branch(last, "split", "whole")
        text.block("split")
        mark_decoded(text, marks, offset, unit_bytes)
        _put(text, entry, "@split", "0", 0, counter)
        text.end("ret void")
        text.block("whole")
        second = _unit(text, text.value(f"add i64 {offset}, {unit_bytes}"), found.unit, big)
        upper, lower = (second, first) if found.low_first else (first, second)
        high = text.value(f"shl i32 {resize(text, upper, found.unit, 32)}, {found.unit}")
        word = text.value(f"or i32 {high}, {resize(text, lower, found.unit, 32)}")
        mark_decoded(text, marks, offset, 2 * unit_bytes)
        _decoded(text, description, found, entry, word, 2 * unit_bytes, counter, place)
        text.block("short")
    word = resize(text, first, found.unit, 32)
    mark_decoded(text, marks, offset, unit_bytes)
    _decoded(text, description, found, entry, word, unit_bytes, counter, place)
    text.block("next")
    count = text.value(f"add i64 {text.value(f'load i64, ptr {done}')}, 1")
    text.do(f"store i64 {count}, ptr {done}")
    following = text.value(f"load i64, ptr {place}")
    enough = text.value(f"icmp eq i64 {count}, {AHEAD}")
    beyond = text.value(f"icmp uge i64 {following}, {_PAGE}")
    text.branch(text.value(f"or i1 {enough}, {beyond}"), "out", "more")
    text.block("more")
    after = text.address("%start", text.value(f"mul i64 {following}, {cpu.CODE_ENTRY // unit_bytes}"))
    new = text.value(f"icmp eq ptr {text.value(f'load ptr, ptr {after}')}, @undecoded")
    text.branch(new, "one", "out")
    text.block("out")
    text.end("ret void")
    head = f"define internal fastcc void {_fill_name(found)}"
    return text.text(f"{head}(ptr %cpu, ptr %start, ptr %end, ptr %host, i64 %offset) noinline")


def _unit(text: FunctionText, offset: str, width: int, big: str) -> str:
    """A unit of the page's bytes, by its offset."""
    plain = text.value(f"load i{width}, ptr {text.address('%host', offset)}, align 1")
    if width == 8:
        return plain
    swapped = text.value(f"call i{width} @llvm.bswap.i{width}(i{width} {plain})")
    return text.value(f"select i1 {big}, i{width} {swapped}, i{width} {plain}")


def _decoded(
    text: FunctionText,
    description: Description,
    found: InstructionSet,
    entry: str,
    word: str,
    length: int,
    counter: str,
    place: str,
) -> None:
    """Decodes a word and goes on with the next, unless there need not be another."""
    known, unknown, on, out = (text.name() for _ in range(4))
    has_decoder = any(
        form.instruction_set == found.name and form.length == 8 * length for form in description.forms.values()
    )
    name = decoder_name(found.name, 8 * length)
    number = text.value(f'call i32 @"{name}"(i32 {word})') if has_decoder else "-1"
    text.branch(text.value(f"icmp sge i32 {number}, 0"), known, unknown)
    text.block(unknown)
    _put(text, entry, "@illegal", word, length, counter)
    text.end("ret void")
    text.block(known)
    wide = text.value(f"zext i32 {number} to i64")
    pick = text.value(f"load ptr, ptr {text.address(f'@{PICKS}', text.value(f'mul i64 {wide}, 8'))}")
    handler = text.value(f"call ptr {pick}(i32 {word})")
    _put(text, entry, handler, word, length, counter)
    present = text.value(f"load i64, ptr {place}")
    text.do(f"store i64 {text.value(f'add i64 {present}, {length}')}, ptr {place}")
    ends = text.value(f"load i8, ptr {text.address('@ends', wide)}")
    text.branch(text.value(f"icmp ne i8 {ends}, 0"), out, on)
    text.block(out)
    text.end("ret void")
    text.block(on)
    text.end("br label %next")


def _put(text: FunctionText, entry: str, handler: str, word: str, length: int, counter: str) -> None:
    """Sets an entry; see `cpu_layout.CODE_ENTRY`."""
    text.do(f"store ptr {handler}, ptr {entry}")
    text.do(f"store i32 {word}, ptr {text.address(entry, 8)}")
    text.do(f"store i16 {length}, ptr {text.address(entry, cpu.CODE_LENGTH)}")
    text.do(f"store i16 {counter}, ptr {text.address(entry, cpu.CODE_COUNTER)}")

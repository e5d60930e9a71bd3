"""Physical memory in IR: the table of slots, and the untranslated accesses of descriptions (table walks, above all)."""

from __future__ import annotations

from ..bodies import Unit
from ..shared import Operation
from ..shared import cpu_layout as cpu
from ..text import FunctionText
from .beside_text import LONGEST_RANGE, range_is_free


def find_slot_text() -> str:
    """`find_slot(cpu, pa, size)`: the entry of the slot that holds all of a range, or null."""
    text = FunctionText()
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.SLOTS)}, !invariant.load !0")
    count = text.field(cpu.SLOT_COUNT)
    end = text.address(start, text.value(f"mul i64 {count}, {cpu.SLOT_ENTRY}"))
    place = text.variable("ptr")
    text.do(f"store ptr {start}, ptr {place}")
    text.block("loop")
    entry = text.value(f"load ptr, ptr {place}")
    text.branch(text.value(f"icmp eq ptr {entry}, {end}"), "none", "look")
    text.block("look")
    offset = text.value(f"sub i64 %pa, {text.value(f'load i64, ptr {entry}')}")
    size = text.value(f"load i64, ptr {text.address(entry, 8)}")
    begins = text.value(f"icmp ult i64 {offset}, {size}")
    rest = text.value(f"sub i64 {size}, {offset}")
    ends = text.value(f"icmp uge i64 {rest}, %size")
    text.do(f"store ptr {text.address(entry, cpu.SLOT_ENTRY)}, ptr {place}")
    text.branch(text.value(f"and i1 {begins}, {ends}"), "found", "loop")
    text.block("found")
    text.end(f"ret ptr {entry}")
    text.block("none")
    text.end("ret ptr null")
    return text.text("define internal fastcc ptr @find_slot(ptr %cpu, i64 %pa, i64 %size)")


def slot_value(text: FunctionText, slot: str, offset: int) -> str:
    """A field of a slot's entry."""
    return text.value(f"load i64, ptr {text.address(slot, offset)}")


def is_code(text: FunctionText, slot: str, pa: str) -> str:
    """Whether code was decoded from the page of `pa` (or may have been)."""
    page = text.value(f"lshr i64 {pa}, 12")
    place = text.value(f"inttoptr i64 {text.value(f'add i64 {page}, {slot_value(text, slot, 32)}')} to ptr")
    return text.value(f"icmp ne i8 {text.value(f'load i8, ptr {place}')}, 0")


def holds_code_text() -> str:
    """`holds_code(cpu, pa, size)`: whether code may have been decoded from some bytes: from their words where they
    are few in one page, else from the two pages at their ends."""
    text = FunctionText()
    slot = text.value("call fastcc ptr @find_slot(ptr %cpu, i64 %pa, i64 %size)")
    long = text.value("icmp ugt i64 %size, 4096")
    unknown = text.value(f"or i1 {text.value(f'icmp eq ptr {slot}, null')}, {long}")
    text.branch(unknown, "perhaps", "known")
    text.block("perhaps")
    text.end("ret i1 true")
    text.block("known")
    last = text.value(f"add i64 %pa, {text.value('sub i64 %size, 1')}")
    ends = [is_code(text, slot, address) for address in ("%pa", last)]
    crosses = text.value(f"icmp uge i64 {text.value(f'xor i64 %pa, {last}')}, 4096")
    much = text.value(f"icmp uge i64 {text.value('sub i64 %size, 1')}, {LONGEST_RANGE}")
    wide = text.value(f"or i1 {crosses}, {much}")
    text.branch(wide, "pages", "words")
    text.block("pages")
    text.end(f"ret i1 {text.value(f'or i1 {ends[0]}, {ends[1]}')}")
    text.block("words")
    free = range_is_free(text, marks_place(text, slot, "%pa"), "%pa", last)
    text.end(f"ret i1 {text.value(f'select i1 {free}, i1 false, i1 {ends[0]}')}")
    return text.text("define internal fastcc i1 @holds_code(ptr %cpu, i64 %pa, i64 %size)")


def dirty_place(text: FunctionText, slot: str, pa: str) -> str:
    """Where the page of `pa` is marked as written, as a number."""
    return text.value(f"add i64 {text.value(f'lshr i64 {pa}, 12')}, {slot_value(text, slot, 24)}")


def marks_place(text: FunctionText, slot: str, pa: str) -> str:
    """Where the marks of the page of `pa` are, as a number."""
    start = text.value(f"mul i64 {text.value(f'lshr i64 {pa}, 12')}, {cpu.PAGE_WORDS}")
    return text.value(f"add i64 {start}, {slot_value(text, slot, cpu.SLOT_MARKS)}")


def physical_text(unit: Unit, name: str, size: int, order: str) -> str:
    """`physical.load.SIZE.ORDER` or `physical.store.SIZE.ORDER`: RAM at once, all else through the engine."""
    text, type_ = FunctionText(), f"i{8 * size}"
    is_load = name == "physical.load"
    slot = text.value(f"call fastcc ptr @find_slot(ptr %cpu, i64 %a, i64 {size})")
    text.branch(text.value(f"icmp eq ptr {slot}, null"), "asked", "ram")
    text.block("ram")
    host = text.value(f"inttoptr i64 {text.value(f'add i64 %a, {slot_value(text, slot, 16)}')} to ptr")
    if is_load:
        value = _in_order(text, text.value(f"load {type_}, ptr {host}, align 1"), size, order)
        text.end(f"ret {{i32, {type_}}} {_good(text, type_, value)}")
    else:
        _store_ram(text, slot, host, size, order)
    text.block("asked")
    text.set_field(cpu.SCRATCH, "%a")
    if not is_load:
        text.set_field(cpu.SCRATCH + 16, "%value", type_)
    operation = Operation("read_physical" if is_load else "write_physical", (size,), order)
    status = text.value(f"call fastcc i32 @request(ptr %cpu, i64 {unit.operations.number(operation)})")
    if not is_load:
        text.end(f"ret i32 {status}")
        return text.text(f"define internal fastcc i32 @{name}.{size}.{order}(ptr %cpu, i64 %a, {type_} %value)")
    first = text.value(f"insertvalue {{i32, {type_}}} poison, i32 {status}, 0")
    value = text.field(cpu.SCRATCH, type_)
    both = text.value(f"insertvalue {{i32, {type_}}} {first}, {type_} {value}, 1")
    text.end(f"ret {{i32, {type_}}} {both}")
    return text.text(f"define internal fastcc {{i32, {type_}}} @{name}.{size}.{order}(ptr %cpu, i64 %a)")


def _store_ram(text: FunctionText, slot: str, host: str, size: int, order: str) -> None:
    """Stores where that needs no further care: in one page that is writable, and no code was decoded from."""
    last = text.value(f"add i64 %a, {size - 1}")
    crosses = text.value(f"icmp uge i64 {text.value(f'xor i64 %a, {last}')}, 4096")
    read_only = text.value(f"icmp ne i64 {slot_value(text, slot, 40)}, 0")
    free = range_is_free(text, marks_place(text, slot, "%a"), "%a", last)
    code = text.value(f"select i1 {free}, i1 false, i1 {is_code(text, slot, '%a')}")
    guarded = text.value(f"or i1 {read_only}, {code}")
    careful = text.value(f"or i1 {crosses}, {guarded}")
    text.branch(careful, "asked", "store")
    text.block("store")
    text.do(f"store i{8 * size} {_in_order(text, '%value', size, order)}, ptr {host}, align 1")
    dirty = dirty_place(text, slot, "%a")
    text.do(f"store i8 1, ptr {text.value(f'inttoptr i64 {dirty} to ptr')}")
    text.end("ret i32 0")


def _in_order(text: FunctionText, value: str, size: int, order: str) -> str:
    if size == 1 or order == "little":
        return value
    return text.value(f"call i{8 * size} @llvm.bswap.i{8 * size}(i{8 * size} {value})")


def _good(text: FunctionText, type_: str, value: str) -> str:
    first = text.value(f"insertvalue {{i32, {type_}}} poison, i32 0, 0")
    return text.value(f"insertvalue {{i32, {type_}}} {first}, {type_} {value}, 1")

"""Dropping translations in IR: for the vcpu that asks and for all others of its machine, whose tables are as reachable.

All entries of the tables, of contexts that are not present as well, are found again by a list of those that were made:
a guest that flushes often makes few in between. What Python keeps is marked as stale (DROPPED).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize
from .access_text import entry_at

_TABLES = ((cpu.LOADS, cpu.LOAD_ENTRY), (cpu.STORES, cpu.STORE_ENTRY), (cpu.FETCHES, cpu.FETCH_ENTRY))
_FEW = 64
"""So many entries are looked through for a page; beyond, all places where it may stand."""


def note_filled(text: FunctionText, number: str) -> None:
    """Notes that entry `number` of some table was made."""
    count = text.field(cpu.FILLED)
    text.set_field(cpu.FILLED, text.value(f"add i64 {count}, 1"))
    at = text.value(f"call i64 @llvm.umin.i64(i64 {count}, i64 {cpu.FILLED_KEPT})")
    text.do(f"store i64 {number}, ptr {_place(text, '%cpu', at)}")


def emit_flush(text: FunctionText, name: str, values: Sequence[tuple[str, int]]) -> None:
    """`tlb_flush`, `tlb_flush_page` or `tlb_flush_context`, which drops more than it must: other contexts too."""
    if name == "tlb_flush_page":
        text.do(f"call fastcc void @flush.page(ptr %cpu, i64 {resize(text, *values[0], 64)})")
    else:
        text.do("call fastcc void @flush(ptr %cpu)")


def flush_texts() -> list[str]:
    """`flush(cpu)` drops all translations of a machine, `flush.page(cpu, address)` those of a page in all contexts."""
    return [
        _ring("@flush", "@flush.one", ""),
        _all_of_one(),
        _ring("@flush.page", "@flush.page.one", ", i64 %a"),
        _page_of_one(),
    ]


def _ring(name: str, own: str, parameters: str) -> str:
    """Does `own` for each vcpu."""
    text = FunctionText()
    present = text.variable("ptr")
    text.do(f"store ptr %cpu, ptr {present}")
    text.block("loop")
    vcpu = text.value(f"load ptr, ptr {present}")
    text.do(f"call fastcc void {own}(ptr {vcpu}{parameters})")
    following = text.value(f"load ptr, ptr {text.address(vcpu, cpu.NEXT_VCPU)}")
    text.do(f"store ptr {following}, ptr {present}")
    text.branch(text.value(f"icmp eq ptr {following}, %cpu"), "done", "loop")
    text.block("done")
    text.end("ret void")
    return text.text(f"define internal fastcc void {name}(ptr %cpu{parameters}) noinline cold")


def _all_of_one() -> str:
    text = FunctionText()
    text.set_field(cpu.DROPPED, "1")
    count = text.field(cpu.FILLED)
    text.set_field(cpu.FILLED, "0")
    at = _loop_begins(text)
    text.branch(text.value(f"icmp ugt i64 {count}, {cpu.FILLED_KEPT}"), "many", "loop")
    text.block("many")
    for table, size in _TABLES:
        start = entry_at(text, table, size, "0")
        text.do(f"call void @llvm.memset.p0.i64(ptr {start}, i8 0, i64 {2 * size << cpu.TLB_BITS}, i1 false)")
    text.end("ret void")
    index = _loop(text, at, count)
    number = text.value(f"load i64, ptr {_place(text, '%cpu', index)}")
    for table, size in _TABLES:
        text.do(f"store i64 0, ptr {entry_at(text, table, size, number)}")
    _loop_ends(text, at, index)
    return text.text("define internal fastcc void @flush.one(ptr %cpu)")


def _page_of_one() -> str:
    """Contexts differ in the bits of an entry's number above their shift; twice so many places there are."""
    text = FunctionText()
    text.set_field(cpu.DROPPED, "1")
    count = text.field(cpu.FILLED)
    few = text.value(f"icmp ule i64 {count}, {_FEW}")
    places = 1 << cpu.TLB_BITS - cpu.CONTEXT_SHIFT
    last = text.value(f"select i1 {few}, i64 {count}, i64 {2 * places}")
    page = text.value("lshr i64 %a, 12")
    at = _loop_begins(text)
    index = _loop(text, at, last)
    listed, computed, drop = text.name(), text.name(), text.name()
    place = text.variable("i64")
    text.branch(few, listed, computed)
    text.block(listed)
    kept = text.value(f"load i64, ptr {_place(text, '%cpu', index)}")
    text.do(f"store i64 {kept}, ptr {place}")
    text.end(f"br label %{drop}")
    text.block(computed)
    mixed = text.value(f"xor i64 {page}, {text.value(f'shl i64 {index}, {cpu.CONTEXT_SHIFT}')}")
    within = text.value(f"and i64 {mixed}, {(1 << cpu.TLB_BITS) - 1}")
    apart = text.value(f"and i64 {text.value(f'shl i64 {index}, {cpu.CONTEXT_SHIFT}')}, {cpu.APART}")
    text.do(f"store i64 {text.value(f'or i64 {within}, {apart}')}, ptr {place}")
    text.block(drop)
    number = text.value(f"load i64, ptr {place}")
    for table, size in _TABLES:
        entry = entry_at(text, table, size, number)
        key = text.value(f"load i64, ptr {entry}")
        other = text.value(f"icmp ne i64 {text.value(f'lshr i64 {key}, 12')}, {page}")
        text.do(f"store i64 {text.value(f'select i1 {other}, i64 {key}, i64 0')}, ptr {entry}")
    _loop_ends(text, at, index)
    return text.text("define internal fastcc void @flush.page.one(ptr %cpu, i64 %a)")


def _loop_begins(text: FunctionText) -> str:
    at = text.variable("i64")
    text.do(f"store i64 0, ptr {at}")
    return at


def _loop(text: FunctionText, at: str, count: str) -> str:
    """Begins the body of a loop that is made `count` times; the number of the time."""
    text.block("loop")
    index = text.value(f"load i64, ptr {at}")
    text.branch(text.value(f"icmp eq i64 {index}, {count}"), "done", "body")
    text.block("done")
    text.end("ret void")
    text.block("body")
    return index


def _loop_ends(text: FunctionText, at: str, index: str) -> None:
    text.do(f"store i64 {text.value(f'add i64 {index}, 1')}, ptr {at}")
    text.end("br label %loop")


def _place(text: FunctionText, vcpu: str, at: str) -> str:
    start = text.value(f"load ptr, ptr {text.address(vcpu, cpu.FILLED_PLACES)}, !invariant.load !0")
    return text.address(start, text.value(f"mul i64 {at}, 8"))

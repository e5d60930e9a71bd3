"""Accesses to registers that are the processor's own, in IR: the description's hooks are asked before the bus is.

What they have taken is entered in the tables as a device's page, so that the next access need not be translated.
"""

from __future__ import annotations

from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, symbol
from .access_text import entry_at, ordered, status_and_value, tlb_index
from .flush_text import note_filled

_LARGEST = 8


def private_load(unit: Unit, text: FunctionText, size: int) -> None:
    """Goes on where the processor does not have the register itself."""
    hook = unit.description.hooks.get("private_load")
    if not hook or unit.fails(hook) or size > _LARGEST:
        return
    pa, type_ = text.field(cpu.PHYSICAL), f"i{8 * size}"
    found = text.value(f"call fastcc {{i1, i64}} {symbol('f', hook)}(ptr %cpu, i64 {pa}, i8 {size})")
    text.branch(text.value(f"extractvalue {{i1, i64}} {found}, 0"), "private", "bus")
    text.block("private")
    _enter(text, pa, cpu.LOADS, cpu.LOAD_ENTRY)
    whole = text.value(f"extractvalue {{i1, i64}} {found}, 1")
    value = whole if size == _LARGEST else text.value(f"trunc i64 {whole} to {type_}")
    text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, '0', ordered(text, value, size))}")
    text.block("bus")


def private_store(unit: Unit, text: FunctionText, size: int) -> None:
    """As `private_load`."""
    hook = unit.description.hooks.get("private_store")
    if not hook or unit.fails(hook) or size > _LARGEST:
        return
    pa, value = text.field(cpu.PHYSICAL), ordered(text, "%value", size)
    whole = value if size == _LARGEST else text.value(f"zext i{8 * size} {value} to i64")
    taken = text.value(f"call fastcc i1 {symbol('f', hook)}(ptr %cpu, i64 {pa}, i8 {size}, i64 {whole})")
    text.branch(taken, "private", "bus")
    text.block("private")
    _enter(text, pa, cpu.STORES, cpu.STORE_ENTRY)
    text.end("ret i32 0")
    text.block("bus")


def _enter(text: FunctionText, pa: str, table: int, size: int) -> None:
    """Enters the page for accesses of this kind, unless it is."""
    context = text.field(cpu.CONTEXT)
    number = tlb_index(text, "%a", context)
    entry = entry_at(text, table, size, number)
    key = text.value(f"or i64 {text.value('and i64 %a, -4096')}, {cpu.DEVICE_KEY}")
    place = text.value(f"or i64 {text.value(f'and i64 {pa}, -4096')}, {context}")
    has_key = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
    has_place = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {text.address(entry, 8)}')}, {place}")
    watched = text.value("call fastcc i1 @watched(ptr %cpu, i64 %a)")
    entered = text.value(f"or i1 {watched}, {text.value(f'and i1 {has_key}, {has_place}')}")
    text.branch(entered, "entered", "enter")
    text.block("enter")
    note_filled(text, number)
    text.do(f"store i64 {key}, ptr {entry}")
    text.do(f"store i64 {place}, ptr {text.address(entry, 8)}")
    text.end("br label %entered")
    text.block("entered")

"""Memory accesses in IR: the soft TLB inline, the rest in functions that are called rarely.

An access hits where page, context and alignment agree with the entry in one comparison: the context stands in bits 4 to
11 of the key and the low bits, which an aligned access has clear, below it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, symbol
from .access_text import host_of, ordered, status_and_value, tlb_index
from .physical_text import physical_text
from .slow_text import slow_load_text, slow_store_text


def memory_functions(unit: Unit, accesses: Sequence[tuple[str, int, int | str]]) -> list[str]:
    """Definitions of kinds of accesses: (load, store, physical.load or physical.store; size; kind or byte order)."""
    texts = [_big_endian(unit)]
    for name, size, last in accesses:
        if name == "load":
            texts.append(_load(unit, size, int(last)))
        elif name == "store":
            texts.append(_store(unit, size, int(last)))
        else:
            texts.append(physical_text(unit, name, size, str(last)))
    return texts


def _big_endian(unit: Unit) -> str:
    text = FunctionText()
    constant = unit.constant_hook("big_endian")
    if constant is not None:
        text.end(f"ret i1 {constant}")
    else:
        hook = unit.description.hooks["big_endian"]
        called = text.value(f"call fastcc i1 {symbol('f', hook)}(ptr %cpu)")
        text.end(f"ret i1 {called}")
    return text.text("define internal fastcc i1 @big_endian(ptr %cpu)")


def tlb_entry(text: FunctionText, table: int, size: int, entry_size: int, address: str = "%a") -> tuple[str, str]:
    """(whether the entry is this access's, the entry's address)."""
    place = text.value(f"and i64 {address}, {-4096 | (size - 1)}")
    context = text.field(cpu.CONTEXT)
    key = text.value(f"or i64 {place}, {context}")
    number = tlb_index(text, address, context)
    start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {number}, {entry_size}"))
    return text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}"), entry


def _load(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 0:
        hit, entry = tlb_entry(text, cpu.LOADS, size, cpu.LOAD_ENTRY)
        text.end(f"br i1 {hit}, label %hit, label %miss, !prof !0")
        text.block("hit")
        value = ordered(text, text.value(f"load {type_}, ptr {host_of(text, entry, '%a')}, align 1"), size)
        text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, '0', value)}")
        text.block("miss")
    slow = text.value(f"call fastcc {{i32, {type_}}} @slow.load.{size}.{kind}(ptr %cpu, i64 %a)")
    text.end(f"ret {{i32, {type_}}} {slow}")
    head = f"define internal fastcc {{i32, {type_}}} @load.{size}.{kind}(ptr %cpu, i64 %a)"
    return text.text(head) + "\n" + slow_load_text(unit, size, kind)


def _store(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 1:
        hit, entry = tlb_entry(text, cpu.STORES, size, cpu.STORE_ENTRY)
        text.end(f"br i1 {hit}, label %hit, label %miss, !prof !0")
        text.block("hit")
        value = ordered(text, "%value", size)
        text.do(f"store {type_} {value}, ptr {host_of(text, entry, '%a')}, align 1")
        text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")
        text.end("ret i32 0")
        text.block("miss")
    status = text.value(f"call fastcc i32 @slow.store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)")
    text.end(f"ret i32 {status}")
    head = f"define internal fastcc i32 @store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)"
    return text.text(head) + "\n" + slow_store_text(unit, size, kind)

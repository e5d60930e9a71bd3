"""Memory accesses in IR: the soft TLB inline, the rest in functions that are called rarely.

An access hits where page, context and alignment agree with the entry in one comparison: the context stands in bits 4 to
11 of the key and the low bits, which an aligned access has clear, below it.
"""

from __future__ import annotations

from ...model import code
from ..purity import walk
from . import cpu_layout as cpu
from .operations import Operation
from .physical_text import physical_text
from .text import FunctionText, symbol
from .unit import Unit


def memory_functions(unit: Unit) -> list[str]:
    """Definitions of all kinds of accesses that the description makes."""
    bodies = [unit.description.functions[name].body for name in unit.functions]
    bodies += [form.body for form in unit.description.forms.values()]
    needed: set[tuple[str, int, object]] = set()
    for node in walk(tuple(bodies)):
        if isinstance(node, code.ReadMemory):
            needed.add(("load", node.size, node.kind))
        elif isinstance(node, code.SetMemory):
            needed.add(("store", node.size, node.kind))
        elif isinstance(node, code.ReadPhysical):
            needed.add(("physical.load", node.size, node.order))
        elif isinstance(node, code.SetPhysical):
            needed.add(("physical.store", node.size, node.order))
    texts = [_big_endian(unit)]
    for name, size, last in sorted(needed, key=str):
        if name == "load":
            texts.append(_load(unit, size, int(str(last))))
        elif name == "store":
            texts.append(_store(unit, size, int(str(last))))
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


def tlb_entry(text: FunctionText, table: int, size: int, entry_size: int) -> tuple[str, str]:
    """(whether the entry is this access's, the entry's address)."""
    place = text.value(f"and i64 %a, {-4096 | (size - 1)}")
    context = text.field(cpu.CONTEXT)
    key = text.value(f"or i64 {place}, {context}")
    number = tlb_index(text, "%a", context)
    start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {number}, {entry_size}"))
    return text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}"), entry


def tlb_index(text: FunctionText, address: str, context: str) -> str:
    """Which entry of a table serves an address: contexts spread the same page over different entries."""
    page = text.value(f"lshr i64 {address}, 12")
    mixed = text.value(f"xor i64 {page}, {context}")
    return text.value(f"and i64 {mixed}, {(1 << cpu.TLB_BITS) - 1}")


def _host(text: FunctionText, entry: str) -> str:
    delta = text.value(f"load i64, ptr {text.address(entry, 8)}")
    return text.value(f"inttoptr i64 {text.value(f'add i64 %a, {delta}')} to ptr")


def _ordered(text: FunctionText, value: str, size: int) -> str:
    """A value as it stands in memory, for a little-endian host, or the other way round."""
    if size == 1:
        return value
    type_ = f"i{8 * size}"
    swapped = text.value(f"call {type_} @llvm.bswap.{type_}({type_} {value})")
    big = text.value("call fastcc i1 @big_endian(ptr %cpu)")
    return text.value(f"select i1 {big}, {type_} {swapped}, {type_} {value}")


def _pair(text: FunctionText, type_: str, status: str, value: str) -> str:
    first = text.value(f"insertvalue {{i32, {type_}}} poison, i32 {status}, 0")
    return text.value(f"insertvalue {{i32, {type_}}} {first}, {type_} {value}, 1")


def _load(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 0:
        hit, entry = tlb_entry(text, cpu.LOADS, size, cpu.LOAD_ENTRY)
        text.end(f"br i1 {hit}, label %hit, label %miss, !prof !0")
        text.block("hit")
        value = _ordered(text, text.value(f"load {type_}, ptr {_host(text, entry)}, align 1"), size)
        text.end(f"ret {{i32, {type_}}} {_pair(text, type_, '0', value)}")
        text.block("miss")
    slow = text.value(f"call fastcc {{i32, {type_}}} @slow.load.{size}.{kind}(ptr %cpu, i64 %a)")
    text.end(f"ret {{i32, {type_}}} {slow}")
    head = f"define internal fastcc {{i32, {type_}}} @load.{size}.{kind}(ptr %cpu, i64 %a)"
    return text.text(head) + "\n" + _slow_load(unit, size, kind)


def _ways(status: str) -> str:
    """After `refill`: the access can be made again, or has failed, or is the engine's."""
    failures = f"i32 {cpu.RAISED_STATUS}, label %raised i32 {cpu.FAILED_STATUS}, label %raised"
    return f"switch i32 {status}, label %asked [ i32 0, label %filled {failures} ]"


def _slow_load(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 0:
        misaligned = text.value(f"icmp ne i64 {text.value(f'and i64 %a, {size - 1}')}, 0")
        text.branch(misaligned, "asked", "aligned")
        text.block("aligned")
        result = f"{{i32, {type_}}}"
        status = text.value(f"call fastcc i32 @refill(ptr %cpu, i64 %a, i64 {kind})")
        text.end(_ways(status))
        text.block("raised")
        text.end(f"ret {result} {_pair(text, type_, status, '0')}")
        text.block("filled")
        again = text.value(f"call fastcc {result} @load.{size}.{kind}(ptr %cpu, i64 %a)")
        text.end(f"ret {result} {again}")
        text.block("asked")
    text.set_field(cpu.SCRATCH, "%a")
    number = unit.operations.number(Operation("load", (size, kind)))
    status = text.value(f"call fastcc i32 @request(ptr %cpu, i32 {number})")
    value = text.field(cpu.SCRATCH, type_)
    text.end(f"ret {{i32, {type_}}} {_pair(text, type_, status, value)}")
    head = f"define internal fastcc {{i32, {type_}}} @slow.load.{size}.{kind}(ptr %cpu, i64 %a) noinline cold"
    return text.text(head)


def _store(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 1:
        hit, entry = tlb_entry(text, cpu.STORES, size, cpu.STORE_ENTRY)
        text.end(f"br i1 {hit}, label %hit, label %miss, !prof !0")
        text.block("hit")
        value = _ordered(text, "%value", size)
        text.do(f"store {type_} {value}, ptr {_host(text, entry)}, align 1")
        text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")
        text.end("ret i32 0")
        text.block("miss")
    status = text.value(f"call fastcc i32 @slow.store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)")
    text.end(f"ret i32 {status}")
    head = f"define internal fastcc i32 @store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)"
    return text.text(head) + "\n" + _slow_store(unit, size, kind)


def _slow_store(unit: Unit, size: int, kind: int) -> str:
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 1:
        misaligned = text.value(f"icmp ne i64 {text.value(f'and i64 %a, {size - 1}')}, 0")
        text.branch(misaligned, "asked", "aligned")
        text.block("aligned")
        status = text.value(f"call fastcc i32 @refill(ptr %cpu, i64 %a, i64 {kind})")
        text.end(_ways(status))
        text.block("raised")
        text.end(f"ret i32 {status}")
        text.block("filled")
        again = text.value(f"call fastcc i32 @store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)")
        text.end(f"ret i32 {again}")
        text.block("asked")
    text.set_field(cpu.SCRATCH, "%a")
    text.set_field(cpu.SCRATCH + 16, "%value", type_)
    number = unit.operations.number(Operation("store", (size, kind)))
    text.end(f"ret i32 {text.value(f'call fastcc i32 @request(ptr %cpu, i32 {number})')}")
    return text.text(
        f"define internal fastcc i32 @slow.store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value) noinline cold"
    )

"""Accesses that the soft TLB did not serve, in IR: a refill and another try, misaligned ones, those that leave RAM.

A misaligned access asks the description's hook, then goes byte by byte where it crosses a page; both pages are
translated before anything is stored. What is left to the engine are watched pages, stores to code, those over the end
of a page where one of the two holds code, regions smaller than a page and kinds of their own.
"""

from __future__ import annotations

from ..bodies import Unit
from ..shared import Operation
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol
from .access_text import entry_at, host_of, ordered, status_and_value, tlb_index
from .beside_text import find_beside
from .private_text import private_load, private_store

_FAILURES = f"i32 {cpu.RAISED_STATUS}, label %raised i32 {cpu.FAILED_STATUS}, label %raised"


def slow_load_text(unit: Unit, size: int, kind: int) -> str:
    """`slow.load.SIZE.KIND`: the status and the value."""
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 0:
        status = text.variable("i32")
        _begin(unit, text, size, kind, status)
        again = text.value(f"call fastcc {{i32, {type_}}} @load.{size}.{kind}(ptr %cpu, i64 %a)")
        text.end(f"ret {{i32, {type_}}} {again}")
        text.block("raised")
        failed = text.value(f"load i32, ptr {status}")
        text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, failed, '0')}")
        text.block("device")
        private_load(unit, text, size)
        _request_load(unit, text, Operation("load_device", (size,)), type_)
        _load_whole(text, size, "apart", cpu.APART)
        if size > 1:
            _load_whole(text, size, "whole", 0)
            _load_pieces(unit, text, size, status)
        text.block("asked")
    _request_load(unit, text, Operation("load", (size, kind)), type_)
    head = f"define internal fastcc {{i32, {type_}}} @slow.load.{size}.{kind}(ptr %cpu, i64 %a) noinline cold"
    return text.text(head)


def slow_store_text(unit: Unit, size: int, kind: int) -> str:
    """`slow.store.SIZE.KIND`: the status."""
    text, type_ = FunctionText(), f"i{8 * size}"
    if kind == 1:
        status, place = text.variable("i32"), text.variable("ptr")
        _beside(text, size, place, "usual")
        text.block("usual")
        _begin(unit, text, size, kind, status)
        again = text.value(f"call fastcc i32 @store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value)")
        text.end(f"ret i32 {again}")
        text.block("raised")
        text.end(f"ret i32 {text.value(f'load i32, ptr {status}')}")
        text.block("device")
        private_store(unit, text, size)
        _request_store(unit, text, Operation("store_device", (size,)), type_)
        _store_whole(text, size, "apart", cpu.APART)
        if size > 1:
            _store_whole(text, size, "whole", 0)
            _store_pieces(unit, text, size, status)
            text.block("code.first")
            within = text.value(f"icmp ule i64 {text.value('and i64 %a, 4095')}, {4096 - size}")
            text.branch(within, "code.whole", "asked")
            text.block("code.whole")
            _beside(text, size, place, "asked", False)
        text.block("code")
        _beside(text, size, place, "asked")
        text.block("beside")
        host = text.value(f"load ptr, ptr {place}")
        text.do(f"store {type_} {ordered(text, '%value', size)}, ptr {host}, align 1")
        text.end("ret i32 0")
        text.block("asked")
    _request_store(unit, text, Operation("store", (size, kind)), type_)
    head = f"@slow.store.{size}.{kind}(ptr %cpu, i64 %a, {type_} %value) noinline cold"
    return text.text(f"define internal fastcc i32 {head}")


def _beside(text: FunctionText, size: int, place: str, otherwise: str, aligned: bool = True) -> None:
    """Goes to the block `beside` with the host's address in `place` where a store is beside code."""
    text.do(f"store ptr {find_beside(text, '%a', size, aligned, otherwise)}, ptr {place}")
    text.end("br label %beside")


def _begin(unit: Unit, text: FunctionText, size: int, kind: int, status: str) -> None:
    """Sorts out where an access goes; ends in the block `filled`: an aligned one that can be made again.

    Near what is watched, the block `apart` is come to with a translation that stands apart.
    """
    text.branch(text.value("call fastcc i1 @watched(ptr %cpu, i64 %a)"), "near", "free")
    text.block("near")
    unaligned = text.value(f"icmp ne i64 {text.value(f'and i64 %a, {size - 1}')}, 0")
    may = text.value(f"call fastcc i1 @may.access(ptr %cpu, i64 %a, i64 {size}, i64 {kind})")
    text.branch(text.value(f"select i1 {unaligned}, i1 false, i1 {may}"), "far", "asked")
    text.block("far")
    ways = f"i32 0, label %apart {_FAILURES} i32 {cpu.DEVICE_STATUS}, label %device"
    _refill(text, "%a", kind, status, ways, "refill.apart")
    text.block("free")
    if size > 1:
        misaligned = text.value(f"icmp ne i64 {text.value(f'and i64 %a, {size - 1}')}, 0")
        text.branch(misaligned, "misaligned", "aligned")
        text.block("misaligned")
        _misaligned_hook(unit, text, size, kind, status)
        code = f"i32 {cpu.CODE_STATUS}, label %code.first" if kind == 1 else ""
        _refill(text, "%a", kind, status, f"i32 0, label %first {_FAILURES} {code}")
        text.block("first")
        room = text.value(f"sub i64 4096, {text.value('and i64 %a, 4095')}")
        text.branch(text.value(f"icmp ult i64 {room}, {size}"), "pieces", "whole")
        text.block("aligned")
    code = f"i32 {cpu.CODE_STATUS}, label %code" if kind == 1 else ""
    device = f"i32 {cpu.DEVICE_STATUS}, label %device"
    _refill(text, "%a", kind, status, f"i32 0, label %filled {_FAILURES} {device} {code}")
    text.block("filled")


def _misaligned_hook(unit: Unit, text: FunctionText, size: int, kind: int, status: str) -> None:
    hook = unit.description.hooks.get("misaligned")
    if not hook:
        return
    widths = [parameter.width for parameter in unit.description.functions[hook].parameters]
    address = resize(text, "%a", 64, widths[0])
    call = f"{symbol('f', hook)}(ptr %cpu, i{widths[0]} {address}, i{widths[1]} {size}, i{widths[2]} {kind})"
    if not unit.fails(hook):
        text.do(f"call fastcc void {call}")
        return
    result = text.value(f"call fastcc i32 {call}")
    text.do(f"store i32 {result}, ptr {status}")
    text.branch(text.value(f"icmp eq i32 {result}, 0"), "taken", "raised")
    text.block("taken")


def _refill(
    text: FunctionText, address: str, kind: int, status: str, ways: str, function: str = "refill"
) -> None:
    result = text.value(f"call fastcc i32 @{function}(ptr %cpu, i64 {address}, i64 {kind})")
    text.do(f"store i32 {result}, ptr {status}")
    text.end(f"switch i32 {result}, label %asked [ {ways} ]")


def _entry(text: FunctionText, kind: int, address: str, offset: int = 0) -> str:
    number = tlb_index(text, address, text.field(cpu.CONTEXT))
    number = text.value(f"add i64 {number}, {offset}") if offset else number
    if kind == 0:
        return entry_at(text, cpu.LOADS, cpu.LOAD_ENTRY, number)
    return entry_at(text, cpu.STORES, cpu.STORE_ENTRY, number)


def _load_whole(text: FunctionText, size: int, block: str, offset: int) -> None:
    type_ = f"i{8 * size}"
    text.block(block)
    found = text.value(f"load {type_}, ptr {host_of(text, _entry(text, 0, '%a', offset), '%a')}, align 1")
    text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, '0', ordered(text, found, size))}")


def _store_whole(text: FunctionText, size: int, block: str, offset: int) -> None:
    text.block(block)
    entry = _entry(text, 1, "%a", offset)
    text.do(f"store i{8 * size} {ordered(text, '%value', size)}, ptr {host_of(text, entry, '%a')}, align 1")
    _mark(text, entry)
    text.end("ret i32 0")


def _mark(text: FunctionText, entry: str) -> None:
    text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")


def _load_pieces(unit: Unit, text: FunctionText, size: int, status: str) -> None:
    type_ = f"i{8 * size}"
    gathered = text.variable(type_)
    for at, place in enumerate(_pieces(unit, text, size, 0, status)[0]):
        text.do(f"store i8 {text.value(f'load i8, ptr {place}')}, ptr {text.address(gathered, at)}")
    value = ordered(text, text.value(f"load {type_}, ptr {gathered}"), size)
    text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, '0', value)}")


def _store_pieces(unit: Unit, text: FunctionText, size: int, status: str) -> None:
    type_ = f"i{8 * size}"
    spread = text.variable(type_)
    places, entries = _pieces(unit, text, size, 1, status)
    text.do(f"store {type_} {ordered(text, '%value', size)}, ptr {spread}")
    for at, place in enumerate(places):
        text.do(f"store i8 {text.value(f'load i8, ptr {text.address(spread, at)}')}, ptr {place}")
    for entry in entries:
        _mark(text, entry)
    text.end("ret i32 0")


def _pieces(unit: Unit, text: FunctionText, size: int, kind: int, status: str) -> tuple[list[str], list[str]]:
    """Translates the second page of an access: (the host's address of each byte, the entries of both pages)."""
    text.block("pieces")
    count = text.value(f"sub i64 4096, {text.value('and i64 %a, 4095')}")
    mask = (1 << unit.description.address_width) - 1
    behind = text.value(f"add i64 %a, {count}")
    second = behind if unit.description.address_width == 64 else text.value(f"and i64 {behind}, {mask}")
    _refill(text, second, kind, status, f"i32 0, label %both {_FAILURES}")
    text.block("both")
    entries = [_entry(text, kind, address) for address in ("%a", second)]
    hosts = [host_of(text, entry, address) for entry, address in zip(entries, ("%a", second), strict=True)]
    places = []
    for at in range(size):
        within = text.value(f"icmp ult i64 {at}, {count}")
        near = text.address(hosts[0], at)
        far = text.address(hosts[1], text.value(f"sub i64 {at}, {count}"))
        places.append(text.value(f"select i1 {within}, ptr {near}, ptr {far}"))
    return places, entries


def _request_load(unit: Unit, text: FunctionText, operation: Operation, type_: str) -> None:
    _pass_address(text, operation)
    number = unit.operations.number(operation)
    status = text.value(f"call fastcc i32 @request(ptr %cpu, i64 {number})")
    value = text.field(cpu.SCRATCH, type_)
    text.end(f"ret {{i32, {type_}}} {status_and_value(text, type_, status, value)}")


def _request_store(unit: Unit, text: FunctionText, operation: Operation, type_: str) -> None:
    _pass_address(text, operation)
    text.set_field(cpu.SCRATCH + 16, "%value", type_)
    number = unit.operations.number(operation)
    text.end(f"ret i32 {text.value(f'call fastcc i32 @request(ptr %cpu, i64 {number})')}")


def _pass_address(text: FunctionText, operation: Operation) -> None:
    text.set_field(cpu.SCRATCH, "%a")
    if operation.name.endswith("device"):
        text.set_field(cpu.SCRATCH + 32, text.field(cpu.PHYSICAL))

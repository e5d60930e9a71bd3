"""Memory accesses of a region: the soft TLB inline; whatever misses it leaves the region before the instruction."""

from __future__ import annotations

from .. import cpu_layout as cpu
from ..memory_text import tlb_index
from .machine import Host
from .values import Scalar
from .writer import Writer

CONTEXT = "%context"
"""The present context, which no instruction of a region changes."""


def load_text(text: Writer, host: Host, address: str, size: int, big: Scalar, out: str) -> str:
    """A load; `big` says whether it is big-endian, `out` is the label for a miss."""
    entry = _hit(text, host.loads, cpu.LOAD_ENTRY, address, size, out)
    value = text.value(f"load i{8 * size}, ptr {_place(text, entry, address)}, align 1")
    return _ordered(text, value, size, big)


def store_text(text: Writer, host: Host, address: str, size: int, value: Scalar, big: Scalar, out: str) -> None:
    """A store, likewise."""
    entry = _hit(text, host.stores, cpu.STORE_ENTRY, address, size, out)
    ordered = _ordered(text, str(value), size, big)
    text.do(f"store i{8 * size} {ordered}, ptr {_place(text, entry, address)}, align 1")
    text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")


def _hit(text: Writer, table: int, entry_size: int, address: str, size: int, out: str) -> str:
    """Leaves for `out` unless the table has the access; the entry."""
    place = text.value(f"and i64 {address}, {-4096 | (size - 1)}")
    key = text.value(f"or i64 {place}, {CONTEXT}")
    offset = text.value(f"mul i64 {tlb_index(text, address, CONTEXT)}, {entry_size}")
    entry = text.value(f"inttoptr i64 {text.value(f'add i64 {offset}, {table}')} to ptr")
    known = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
    on = text.name()
    text.end(f"br i1 {known}, label %{on}, label %{out}, !prof !0")
    text.block(on)
    return entry


def _place(text: Writer, entry: str, address: str) -> str:
    delta = text.value(f"load i64, ptr {text.address(entry, 8)}")
    return text.value(f"inttoptr i64 {text.value(f'add i64 {address}, {delta}')} to ptr")


def _ordered(text: Writer, value: str, size: int, big: Scalar) -> str:
    if size == 1 or big == 0:
        return value
    type_ = f"i{8 * size}"
    swapped = text.value(f"call {type_} @llvm.bswap.{type_}({type_} {value})")
    return swapped if big == 1 else text.value(f"select i1 {big}, {type_} {swapped}, {type_} {value}")

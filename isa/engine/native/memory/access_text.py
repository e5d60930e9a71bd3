"""What the ways of an access have in common in IR: its entry in the soft TLB, byte order, and how results come back."""

from __future__ import annotations

from ..shared import cpu_layout as cpu
from ..text import FunctionText


def tlb_index(text: FunctionText, address: str, context: str) -> str:
    """Which entry of a table serves an address: contexts spread the same page over different entries."""
    page = text.value(f"lshr i64 {address}, 12")
    mixed = text.value(f"xor i64 {page}, {context}")
    return text.value(f"and i64 {mixed}, {(1 << cpu.TLB_BITS) - 1}")


def fetch_index(text: FunctionText, address: str, context: str, set_code: str) -> str:
    """Which entry of the table of code serves an address: a page of two instruction sets has an entry for each."""
    other = text.value(f"shl i64 {text.value(f'and i64 {set_code}, 1')}, {cpu.TLB_BITS}")
    return text.value(f"or i64 {tlb_index(text, address, context)}, {other}")


def entry_at(text: FunctionText, table: int, size: int, number: str) -> str:
    """The address of an entry of `size` bytes."""
    start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
    return text.address(start, text.value(f"mul i64 {number}, {size}"))


def host_of(text: FunctionText, entry: str, address: str) -> str:
    """Where the host has a guest's address, by the entry for it."""
    delta = text.value(f"load i64, ptr {text.address(entry, 8)}")
    return text.value(f"inttoptr i64 {text.value(f'add i64 {address}, {delta}')} to ptr")


def ordered(text: FunctionText, value: str, size: int) -> str:
    """A value as it stands in memory, for a little-endian host, or the other way round."""
    if size == 1:
        return value
    type_ = f"i{8 * size}"
    swapped = text.value(f"call {type_} @llvm.bswap.{type_}({type_} {value})")
    big = text.value("call fastcc i1 @big_endian(ptr %cpu)")
    return text.value(f"select i1 {big}, {type_} {swapped}, {type_} {value}")


def status_and_value(text: FunctionText, type_: str, status: str, value: str) -> str:
    """What a load returns."""
    first = text.value(f"insertvalue {{i32, {type_}}} poison, i32 {status}, 0")
    return text.value(f"insertvalue {{i32, {type_}}} {first}, {type_} {value}, 1")

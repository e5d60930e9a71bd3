"""Memory accesses of a region: the soft TLB inline; whatever misses it leaves the region before the instruction, unless
it is a store beside code.

Accesses through one register share a *site*: the page that the last of them found, which no instruction of a region can
make stale, so that the next one need not look into the table. A site of stores has marked its page as written.

A register that the block itself loads is followed from page to page: its site does not keep the page, which the host's
processor could not foresee, but only the distance from guest to host address. That hardly ever changes, so what the
access waits for is its address alone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..memory import BESIDE_CONVENTION, tlb_index, words_of
from ..shared import BESIDE, LOADS, STORES
from ..shared import cpu_layout as cpu
from ..text import FunctionText
from .values import Scalar
from .writer import Writer

CONTEXT = "%context"
"""The present context, which no instruction of a region changes."""
_NO_PAGE = -1


def site_places(text: FunctionText, sites: Iterable[str]) -> None:
    """Makes the sites' places: the page, and what is to be added to an address of it."""
    for site in sorted(sites):
        text.first(f'%"{site}.page" = alloca i64')
        text.first(f'%"{site}.delta" = alloca i64')


def empty_sites(text: FunctionText, sites: Iterable[str], followed: Container[str]) -> None:
    """When the region is entered, no site knows a page; those that are followed never will."""
    for site in sorted(sites):
        text.do(f'%"{site}.keeps" = icmp eq i1 {int(site in followed)}, 0')
        text.do(f'store i64 {_NO_PAGE}, ptr %"{site}.page"')
        text.do(f'store i64 0, ptr %"{site}.delta"')


def load_text(text: Writer, address: str, size: int, big: Scalar, out: str) -> str:
    """A load; `big` says whether it is big-endian, `out` is the label for a miss."""
    place = _host(text, False, address, size, out)
    value = _ordered(text, text.value(f"load i{8 * size}, ptr {place}, align 1"), size, big)
    text.loaded.add(value)
    return value


def store_text(text: Writer, address: str, size: int, value: Scalar, big: Scalar, out: str) -> None:
    """A store, likewise."""
    place = _host(text, True, address, size, out)
    text.do(f"store i{8 * size} {_ordered(text, str(value), size, big)}, ptr {place}, align 1")


def _host(text: Writer, stores: bool, address: str, size: int, out: str) -> str:
    """The host's address of an aligned access; leaves for `out` where there is none in the table."""
    table, entry_size = (STORES, cpu.STORE_ENTRY) if stores else (LOADS, cpu.LOAD_ENTRY)
    site = text.site("store" if stores else "load", address)
    page = text.value(f"and i64 {address}, {-4096 | (size - 1)}")
    last = text.value(f'load i64, ptr {site}.page"')
    known = text.value(f"icmp eq i64 {last}, {page}")
    on, search, found = text.name(), text.name(), text.name()
    text.end(f"br i1 {known}, label %{on}, label %{search}, !prof !0")
    text.block(search)
    offset = text.value(f"mul i64 {tlb_index(text, address, CONTEXT)}, {entry_size}")
    entry = text.address(table, offset)
    key = text.value(f"or i64 {page}, {CONTEXT}")
    hit = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
    near = text.name() if stores else out
    text.end(f"br i1 {hit}, label %{found}, label %{near}, !prof !0")
    if stores:
        text.block(near)
        apart = text.address(entry, cpu.APART * cpu.STORE_ENTRY)
        arguments = f"ptr {apart}, i64 {address}, i64 {key}, i64 {words_of(size)}"
        place = text.value(f"call {BESIDE_CONVENTION} ptr {BESIDE}({arguments})")
        moved = text.name()
        text.branch(text.value(f"icmp eq ptr {place}, null"), out, moved)
        text.block(moved)
        # The next store through this site asks again: it may go to code.
        text.do(f'store i64 {_NO_PAGE}, ptr {site}.page"')
        number = text.value(f"ptrtoint ptr {place} to i64")
        distance = text.value(f"sub i64 {number}, {address}")
        text.do(f'store i64 {distance}, ptr {site}.delta"')
        text.end(f"br label %{on}")
    text.block(found)
    if stores:
        text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")
    kept = text.value(f'select i1 {site}.keeps", i64 {page}, i64 {_NO_PAGE}')
    text.do(f'store i64 {kept}, ptr {site}.page"')
    delta = text.value(f"load i64, ptr {text.address(entry, 8)}")
    known_delta = text.value(f'load i64, ptr {site}.delta"')
    other = text.name()
    text.end(f"br i1 {text.value(f'icmp eq i64 {delta}, {known_delta}')}, label %{on}, label %{other}, !prof !0")
    text.block(other)
    text.do(f'store i64 {delta}, ptr {site}.delta"')
    text.block(on)
    present = text.value(f'load i64, ptr {site}.delta"')
    return text.value(f"inttoptr i64 {text.value(f'add i64 {address}, {present}')} to ptr")


def _ordered(text: Writer, value: str, size: int, big: Scalar) -> str:
    if size == 1 or big == 0:
        return value
    type_ = f"i{8 * size}"
    swapped = text.value(f"call {type_} @llvm.bswap.{type_}({type_} {value})")
    return swapped if big == 1 else text.value(f"select i1 {big}, {type_} {swapped}, {type_} {value}")

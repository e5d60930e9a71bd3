"""Watchpoints and breakpoints in IR: which pages are near one, and which accesses may be made without the engine."""

from __future__ import annotations

from ..shared import cpu_layout as cpu
from ..text import FunctionText

_LOW = (1 << 32) - 1


def watch_texts() -> list[str]:
    """`watched(cpu, address)`: whether a page is near a watched range. `may.access(cpu, address, size, kind)`: whether
    an access near one may be made, since neither it nor another one of its instruction is watched. `stops.in(cpu,
    address)`: whether there are breakpoints in a page."""
    return [_watched(), _may_access(), _stops_in()]


def _watched() -> str:
    text = FunctionText()
    entry = _entries(text, cpu.WATCHED, cpu.WATCHED_RANGES, cpu.WATCHED_RANGE)
    distance = text.value(f"sub i64 %a, {text.value(f'load i64, ptr {entry}')}")
    size = text.value(f"load i64, ptr {text.address(entry, 8)}")
    low = text.value(f"and i64 {distance}, {_LOW}")
    text.branch(text.value(f"icmp ult i64 {low}, {size}"), "found", "loop")
    text.block("found")
    text.end("ret i1 true")
    text.block("none")
    text.end("ret i1 false")
    return text.text("define internal fastcc i1 @watched(ptr %cpu, i64 %a)")


def _may_access() -> str:
    """The engine is asked where it has not told what is known of the instruction."""
    text = FunctionText()
    present = text.value(f"add i64 {text.field(cpu.LEFT)}, {text.field(cpu.ASIDE)}")
    known = text.variable("i64")
    text.do(f"store i64 0, ptr {known}")
    text.branch(text.value(f"icmp eq i64 {text.field(cpu.WATCH_BEFORE)}, 0"), "look", "before")
    text.block("before")
    text.branch(text.value(f"icmp eq i64 {text.field(cpu.PASSED)}, {present}"), "free", "judge")
    text.block("judge")
    instruction = text.field(cpu.ENTRY)
    number = text.value(f"and i64 {text.value(f'lshr i64 {instruction}, 4')}, {(1 << cpu.JUDGED_BITS) - 1}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.JUDGED)}, !invariant.load !0")
    judged = text.address(start, text.value(f"mul i64 {number}, 16"))
    place = text.value(f"inttoptr i64 {text.value(f'add i64 {instruction}, 8')} to ptr")
    word = text.value(f"zext i32 {text.value(f'load i32, ptr {place}')} to i64")
    answer = text.value(f"load i64, ptr {text.address(judged, 8)}")
    same = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {judged}')}, {instruction}")
    unchanged = text.value(f"icmp eq i64 {text.value(f'and i64 {answer}, {_LOW}')}, {word}")
    text.do(f"store i64 {text.value(f'lshr i64 {answer}, 32')}, ptr {known}")
    text.branch(text.value(f"and i1 {same}, {unchanged}"), "look", "found")
    text.block("look")
    footprint = text.value(f"load i64, ptr {known}")
    before = text.value(f"and i64 {footprint}, 4095")
    behind = text.value(f"and i64 {text.value(f'lshr i64 {footprint}, 12')}, 4095")
    all_kinds = text.value(f"lshr i64 {footprint}, 24")
    alone = text.value(f"icmp eq i64 {all_kinds}, 0")
    own = text.value("shl i64 1, %kind")
    kinds = text.value(f"select i1 {alone}, i64 {own}, i64 {all_kinds}")
    beyond = text.value("sub i64 %size, 1")
    end = text.value(f"add i64 {text.value(f'add i64 %a, {beyond}')}, {behind}")
    length = text.value(f"add i64 {text.value(f'add i64 {beyond}, {before}')}, {behind}")
    entry = _entries(text, cpu.WATCHED, cpu.WATCHED_RANGES, cpu.WATCHED_RANGE)
    first, size, wanted = (text.value(f"load i64, ptr {text.address(entry, 16 + 8 * at)}") for at in range(3))
    low = text.value(f"and i64 {text.value(f'sub i64 {end}, {first}')}, {_LOW}")
    close = text.value(f"icmp ult i64 {low}, {text.value(f'add i64 {size}, {length}')}")
    meant = text.value(f"icmp ne i64 {text.value(f'and i64 {wanted}, {kinds}')}, 0")
    text.branch(text.value(f"and i1 {meant}, {close}"), "found", "loop")
    text.block("none")
    text.branch(alone, "free", "pass")
    text.block("pass")
    text.set_field(cpu.PASSED, present)
    text.end("br label %free")
    text.block("free")
    text.end("ret i1 true")
    text.block("found")
    text.end("ret i1 false")
    return text.text("define internal fastcc i1 @may.access(ptr %cpu, i64 %a, i64 %size, i64 %kind)")


def _stops_in() -> str:
    text = FunctionText()
    entry = _entries(text, cpu.STOP_COUNT, cpu.STOP_PAGES, 16)
    page, mask = (text.value(f"load i64, ptr {text.address(entry, 8 * at)}") for at in range(2))
    masked = text.value(f"and i64 %a, {mask}")
    text.branch(text.value(f"icmp eq i64 {masked}, {page}"), "found", "loop")
    text.block("found")
    text.end("ret i1 true")
    text.block("none")
    text.end("ret i1 false")
    return text.text("define internal fastcc i1 @stops.in(ptr %cpu, i64 %a)")


def _entries(text: FunctionText, count: int, table: int, size: int) -> str:
    """Begins a block for each entry of a table in turn, from which `loop` goes to the next; `none` follows the last."""
    place = text.variable("i64")
    start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
    text.do(f"store i64 {text.field(count)}, ptr {place}")
    text.block("loop")
    rest = text.value(f"load i64, ptr {place}")
    text.branch(text.value(f"icmp eq i64 {rest}, 0"), "none", "entry.of")
    text.block("entry.of")
    index = text.value(f"sub i64 {rest}, 1")
    text.do(f"store i64 {index}, ptr {place}")
    return text.address(start, text.value(f"mul i64 {index}, {size}"))

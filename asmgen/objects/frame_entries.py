"""The call frames of a program: what `.cfi_*` said, and a default for all other code."""

from __future__ import annotations

from itertools import takewhile

from ..layout.assembly import Assembly
from ..layout.frames import FrameFunction
from ..layout.sections import Section
from .program import FrameEntry, FrameStep, ImageSymbol


def frame_entries(assembly: Assembly, sections: list[Section], symbols: list[ImageSymbol],
                  entry: int) -> list[FrameEntry]:
    """Call-frame information: what `.cfi_*` said, and a default for all other code.

    The default says that the caller's pc is in the link register and the stack pointer has not moved,
    which holds at the start of a function; the entry point has no caller.
    """
    if assembly.target.dwarf is None:
        return []
    column = assembly.target.dwarf.return_column
    entries = told_entries(assembly)
    starts = {s.value & ~1 for s in symbols if s.kind == "function" or s.binding == "global"}
    for section in sections:
        if not section.executable or not section.size:
            continue
        base = section.address or 0
        told = sorted((e.start, e.end) for e in entries if base <= e.start < base + section.size)
        for start, end in _gaps(base, base + section.size, told):
            cuts = sorted({start, *(s for s in starts if start < s < end)})
            for first, last in zip(cuts, [*cuts[1:], end], strict=True):
                steps = (FrameStep(first, "undefined", column, 0),) if first == entry & ~1 else ()
                entries.append(FrameEntry(first, last, column, steps))
    return sorted((e for e in entries if e.end > e.start), key=lambda e: e.start)


def told_entries(assembly: Assembly) -> list[FrameEntry]:
    """What `.cfi_*` said alone."""
    if assembly.target.dwarf is None:
        return []
    return [_frame_entry(function, assembly.target.dwarf.return_column) for function in assembly.frames]


def _gaps(start: int, end: int, told: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of start..end that the sorted ranges `told` leave free."""
    free: list[tuple[int, int]] = []
    for first, last in told:
        if first > start:
            free.append((start, first))
        start = max(start, last)
    if start < end:
        free.append((start, end))
    return free


def _frame_entry(function: FrameFunction, default_column: int) -> FrameEntry:
    base = function.section.address or 0
    end = function.end.offset if function.end is not None else function.section.size
    steps = tuple(FrameStep(base + rule.mark.offset, rule.operation, rule.register, rule.value, rule.data)
                  for rule in function.rules)
    column = default_column if function.return_column is None else function.return_column
    return FrameEntry(base + function.start.offset, base + end, column, steps, function.is_signal_frame,
                      function.personality, function.data,
                      sum(1 for _ in takewhile(lambda rule: rule.mark is function.start, function.rules)),
                      function.is_simple)

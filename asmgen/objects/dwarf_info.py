"""`.debug_info`, `.debug_abbrev`, `.debug_aranges`, `.debug_ranges`: one unit a source file (DWARF 4, 7.5).

A unit names its file, its line table and its code, and holds an entry for each function symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from .dwarf_bytes import DwarfBytes
from .dwarf_line import write_lines
from .program import ImageSymbol, LineRow, LineRows, Program

DW_TAG_compile_unit, DW_TAG_subprogram = 0x11, 0x2E
DW_AT_name, DW_AT_stmt_list, DW_AT_low_pc, DW_AT_high_pc = 0x03, 0x10, 0x11, 0x12
DW_AT_comp_dir = 0x1B
DW_AT_language, DW_AT_producer, DW_AT_external, DW_AT_ranges = 0x13, 0x25, 0x3F, 0x55
DW_FORM_addr, DW_FORM_data2, DW_FORM_string, DW_FORM_flag = 0x01, 0x05, 0x08, 0x0C
DW_FORM_sec_offset = 0x17
DW_LANG_Mips_Assembler = 0x8001
"""The one code that debuggers take for assembly, whatever the architecture."""

PRODUCER = "trapline asm"
_UNIT, _FUNCTION = 1, 2
_ABBREVIATIONS: tuple[tuple[int, int, bool, tuple[tuple[int, int], ...]], ...] = (
    (_UNIT, DW_TAG_compile_unit, True, (
        (DW_AT_stmt_list, DW_FORM_sec_offset), (DW_AT_low_pc, DW_FORM_addr), (DW_AT_ranges, DW_FORM_sec_offset),
        (DW_AT_name, DW_FORM_string), (DW_AT_comp_dir, DW_FORM_string),
        (DW_AT_producer, DW_FORM_string), (DW_AT_language, DW_FORM_data2))),
    (_FUNCTION, DW_TAG_subprogram, False, (
        (DW_AT_name, DW_FORM_string), (DW_AT_external, DW_FORM_flag), (DW_AT_low_pc, DW_FORM_addr),
        (DW_AT_high_pc, DW_FORM_addr))),
)


class _Function(Struct, frozen=True):
    """A function of a unit: its code lies from `start` to `end` (exclusive)."""

    name: str
    start: int
    end: int
    is_global: bool


def write_debug_sections(program: Program, unit_length: int, address_size: int) -> dict[str, DwarfBytes]:
    """The debug sections that tell source lines, or none for a program without code.

    `unit_length` is the least length of an instruction in bytes.
    """
    big = program.big_endian
    lines, info, ranges, aranges = (DwarfBytes(big, address_size) for _ in range(4))
    for number, file in enumerate(program.files):
        rows = sorted((r for r in program.lines if r.file == number), key=lambda r: r.address)
        if not rows:
            continue
        spans = _spans(rows)
        unit_offset = len(info)
        info.append_part(_unit(file, len(lines), len(ranges), _functions(program.symbols, spans), big, address_size))
        for start, end in spans:
            ranges.address(start)
            ranges.address(end)
        ranges.extend(bytes(2 * address_size))
        aranges.append_part(_arange(unit_offset, spans, big, address_size))
        lines.append_part(write_lines(file, rows, unit_length, big, address_size))
    if not info:
        return {}
    return {".debug_info": info, ".debug_abbrev": _abbreviations(big, address_size), ".debug_line": lines,
            ".debug_ranges": ranges, ".debug_aranges": aranges}


def _spans(rows: Sequence[LineRow | LineRows]) -> list[tuple[int, int]]:
    """The ranges that the rows cover, with what lies between them in their sequences; neighbours are one."""
    spans: list[tuple[int, int]] = []
    sequence = 0
    for row in rows:
        if spans and (spans[-1][1] == row.address or (row.sequence == sequence and row.address > spans[-1][1])):
            spans[-1] = (spans[-1][0], row.address + row.size)
        else:
            spans.append((row.address, row.address + row.size))
        sequence = row.sequence
    return spans


def _functions(symbols: tuple[ImageSymbol, ...], spans: list[tuple[int, int]]) -> list[_Function]:
    """Function symbols inside `spans`, the widest known one of each place; none reaches into the next one's code.

    One without a size reaches to the next function, or the span's end.
    """
    named: dict[int, ImageSymbol] = {}
    for symbol in symbols:
        start = symbol.value & ~1
        known = named.get(start)
        if symbol.kind == "function" and (known is None or _rank(symbol) > _rank(known)):
            named[start] = symbol
    starts = sorted(named)
    found: list[_Function] = []
    following = dict(pairwise(starts))
    for start in starts:
        symbol, after = named[start], following.get(start)
        span = next((s for s in spans if s[0] <= start < s[1]), None)
        if span is None:
            continue
        ends = [span[1], *([after] if after is not None else []), *([start + symbol.size] if symbol.size else [])]
        found.append(_Function(symbol.name, start, min(ends), symbol.binding != "local"))
    return found


def _rank(symbol: ImageSymbol) -> tuple[bool, int]:
    return symbol.binding != "local", symbol.size


def _unit(
    file: str, line_offset: int, ranges_offset: int, functions: list[_Function], big: bool, address_size: int
) -> DwarfBytes:
    out = DwarfBytes(big, address_size)
    out.number(4, 2)
    out.section_offset(0, ".debug_abbrev")
    out.number(address_size, 1)
    out.unsigned(_UNIT)
    out.section_offset(line_offset, ".debug_line")
    # Ranges count from low_pc; 0 makes them plain addresses.
    out.number(0, address_size)
    out.section_offset(ranges_offset, ".debug_ranges")
    out.string(file)
    out.string(compilation_directory())
    out.string(PRODUCER)
    out.number(DW_LANG_Mips_Assembler, 2)
    for function in functions:
        out.unsigned(_FUNCTION)
        out.string(function.name)
        out.number(int(function.is_global), 1)
        out.address(function.start)
        out.address(function.end)
    out.append(0)
    return out.with_length()


def compilation_directory() -> str:
    """The folder that relative names of files start from (DW_AT_comp_dir)."""
    return str(Path.cwd())


def _abbreviations(big: bool, address_size: int) -> DwarfBytes:
    out = DwarfBytes(big, address_size)
    for code, tag, has_children, attributes in _ABBREVIATIONS:
        out.unsigned(code)
        out.unsigned(tag)
        out.append(int(has_children))
        for attribute, form in attributes:
            out.unsigned(attribute)
            out.unsigned(form)
        out += b"\0\0"
    out.append(0)
    return out


def _arange(unit_offset: int, spans: list[tuple[int, int]], big: bool, address_size: int) -> DwarfBytes:
    out = DwarfBytes(big, address_size)
    out.number(2, 2)
    out.section_offset(unit_offset, ".debug_info")
    out.number(address_size, 1)
    out.number(0, 1)
    # The tuples are aligned to twice an address, counted from the unit's length field.
    out.extend(bytes(-(len(out) + 4) % (2 * address_size)))
    for start, end in spans:
        out.address(start)
        out.number(end - start, address_size)
    out.extend(bytes(2 * address_size))
    return out.with_length()

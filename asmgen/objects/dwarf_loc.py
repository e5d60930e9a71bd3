"""The line table that a compiler asks for (`.file NUMBER`, `.loc`): one program for all files (DWARF 3, 6.2)."""

from __future__ import annotations

from ..layout.line_rows import LineTable, LocRow
from ..layout.sections import Section
from .dwarf_bytes import DwarfBytes, unsigned_leb128
from .dwarf_line import LINE_BASE, LINE_RANGE, OPCODE_BASE

_LENGTHS = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)
DW_LNS_copy, DW_LNS_advance_pc, DW_LNS_advance_line, DW_LNS_set_file, DW_LNS_set_column = 1, 2, 3, 4, 5
DW_LNS_negate_stmt = 6
_FLAG_CODES = {"basic_block": 7, "prologue_end": 10, "epilogue_begin": 11}
DW_LNE_end_sequence, DW_LNE_set_address, DW_LNE_set_discriminator = 1, 2, 4


def write_loc_lines(table: LineTable, unit: int, big_endian: bool, address_size: int) -> DwarfBytes:
    """The section; `unit` is the least length of an instruction in bytes. Sections have to have their addresses."""
    header = DwarfBytes(big_endian, address_size)
    header.number(unit, 1)
    header.number(1, 1)
    header.number(LINE_BASE & 0xFF, 1)
    header.number(LINE_RANGE, 1)
    header.number(OPCODE_BASE, 1)
    for length in _LENGTHS:
        header.number(length, 1)
    header.append(0)
    for number in range(1, max(table.files, default=0) + 1):
        header.string(table.files.get(number, "unknown"))
        header.extend(b"\0\0\0")
    header.append(0)
    out = DwarfBytes(big_endian, address_size)
    out.number(3, 2)
    out.number(len(header), 4)
    out.append_part(header)
    for section in dict.fromkeys(row.section for row in table.rows):
        _sequence(out, section, [row for row in table.rows if row.section is section], unit)
    return out.with_length()


def _sequence(out: DwarfBytes, section: Section, rows: list[LocRow], unit: int) -> None:
    """The rows of one section, from the first one's place to the section's end."""
    base = section.address or 0
    at, file, line, column, is_stmt = rows[0].mark.offset, 1, 1, 0, True
    out.append(0)
    out.extend(unsigned_leb128(1 + out.address_size))
    out.append(DW_LNE_set_address)
    out.address(base + at)
    for row in sorted(rows, key=lambda r: r.mark.offset):
        if row.file != file:
            out.append(DW_LNS_set_file)
            out.unsigned(row.file)
        if row.column != column:
            out.append(DW_LNS_set_column)
            out.unsigned(row.column)
        if row.discriminator:
            number = unsigned_leb128(row.discriminator)
            out.append(0)
            out.unsigned(1 + len(number))
            out.append(DW_LNE_set_discriminator)
            out.extend(number)
        if row.is_stmt != is_stmt:
            out.append(DW_LNS_negate_stmt)
        for flag in sorted(row.flags):
            out.append(_FLAG_CODES[flag])
        _row(out, (row.mark.offset - at) // unit, row.line - line)
        at, file, line, column, is_stmt = row.mark.offset, row.file, row.line, row.column, row.is_stmt
    out.append(DW_LNS_advance_pc)
    out.unsigned((section.size - at) // unit)
    out.extend(bytes([0, 1, DW_LNE_end_sequence]))


def _row(out: DwarfBytes, units: int, lines: int) -> None:
    if not LINE_BASE <= lines < LINE_BASE + LINE_RANGE:
        out.append(DW_LNS_advance_line)
        out.signed(lines)
        lines = 0
    opcode = lines - LINE_BASE + LINE_RANGE * units + OPCODE_BASE
    if opcode > 255:
        out.append(DW_LNS_advance_pc)
        out.unsigned(units)
        opcode = lines - LINE_BASE + OPCODE_BASE
    out.append(opcode)

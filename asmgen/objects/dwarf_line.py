"""The line table: `.debug_line`, one program a source file (DWARF 4, 6.2)."""

from __future__ import annotations

from .dwarf_bytes import DwarfBytes, unsigned_leb128
from .program import LineRow

LINE_BASE, LINE_RANGE, OPCODE_BASE = -5, 14, 13
DW_LNS_copy, DW_LNS_advance_pc, DW_LNS_advance_line = 1, 2, 3
DW_LNE_end_sequence, DW_LNE_set_address = 1, 2
_STANDARD_LENGTHS = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)


def write_lines(file: str, rows: list[LineRow], unit: int, big_endian: bool, address_size: int) -> DwarfBytes:
    """The line program of one file; `unit` is the least length of an instruction in bytes.

    `rows` are in order of address; a gap between them ends a sequence.
    """
    header = DwarfBytes(big_endian, address_size)
    header.number(unit, 1)
    header.number(1, 1)
    header.number(1, 1)
    header += bytes([LINE_BASE & 0xFF, LINE_RANGE, OPCODE_BASE, *_STANDARD_LENGTHS])
    directory, _, name = file.rpartition("/")
    if directory or file.startswith("/"):
        header.string(directory or "/")
    header += b"\0"
    header.string(name)
    header += bytes([1 if directory or file.startswith("/") else 0, 0, 0, 0])
    out = DwarfBytes(big_endian, address_size)
    out.number(4, 2)
    out.number(len(header), 4)
    out += header
    _write_program(out, rows, unit)
    return out.with_length()


def _write_program(out: DwarfBytes, rows: list[LineRow], unit: int) -> None:
    address, line, end = 0, 1, -1
    for row in rows:
        if row.address == end and row.line == line:
            # One row for all of a line: debuggers step over the addresses of one row at a time.
            end += row.size
            continue
        if row.address != end:
            if end >= 0:
                _end_sequence(out, (end - address) // unit)
            _extended(out, DW_LNE_set_address, row.address)
            address, line = row.address, 1
        _advance(out, (row.address - address) // unit, row.line - line)
        address, line, end = row.address, row.line, row.address + row.size
    if end >= 0:
        _end_sequence(out, (end - address) // unit)


def _advance(out: DwarfBytes, units: int, lines: int) -> None:
    """One row: a special opcode where it fits, else the standard ones."""
    if not LINE_BASE <= lines < LINE_BASE + LINE_RANGE:
        out.append(DW_LNS_advance_line)
        out.signed(lines)
        lines = 0
    opcode = (lines - LINE_BASE) + LINE_RANGE * units + OPCODE_BASE
    if opcode > 255:
        out.append(DW_LNS_advance_pc)
        out.unsigned(units)
        opcode = (lines - LINE_BASE) + OPCODE_BASE
    out.append(opcode)


def _end_sequence(out: DwarfBytes, units: int) -> None:
    out.append(DW_LNS_advance_pc)
    out.unsigned(units)
    _extended(out, DW_LNE_end_sequence, None)


def _extended(out: DwarfBytes, opcode: int, address: int | None) -> None:
    out.append(0)
    out += unsigned_leb128(1 if address is None else 1 + out.address_size)
    out.append(opcode)
    if address is not None:
        out.address(address)

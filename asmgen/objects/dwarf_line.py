"""The line table: `.debug_line`, one program a source file (DWARF 4, 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add, sub

from .dwarf_bytes import DwarfBytes, unsigned_leb128
from .program import LineRow, LineRows

LINE_BASE, LINE_RANGE, OPCODE_BASE = -5, 14, 13
DW_LNS_copy, DW_LNS_advance_pc, DW_LNS_advance_line = 1, 2, 3
DW_LNE_end_sequence, DW_LNE_set_address = 1, 2
_AT_ONCE = 256
"""Rows that are tried to be written as a byte each."""
_STANDARD_LENGTHS = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)


def write_lines(
    file: str, rows: Sequence[LineRow | LineRows], unit: int, big_endian: bool, address_size: int
) -> DwarfBytes:
    """The line program of one file; `unit` is the least length of an instruction in bytes.

    `rows` are in order of address; another section begins a sequence, and so does code behind that of another file.
    What is no code in between counts as the line before it, as in what GNU as writes.
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


def _write_program(out: DwarfBytes, rows: Sequence[LineRow | LineRows], unit: int) -> None:
    address, line, end = 0, 1, -1
    sequence = 0
    for run in rows:
        numbers, sizes = ([run.line], [run.size]) if isinstance(run, LineRow) else (run.lines, run.sizes)
        if end < 0 or run.sequence != sequence or run.address < end:
            if end >= 0:
                _end_sequence(out, (end - address) // unit)
            _extended(out, DW_LNE_set_address, run.address)
            address, line, end = run.address, 1, run.address
            sequence, is_first = run.sequence, True
        elif run.address > end:
            end, is_first = run.address, True
        for at in range(0, len(numbers), _AT_ONCE):
            some, widths = numbers[at : at + _AT_ONCE], sizes[at : at + _AT_ONCE]
            opcodes = _special_opcodes(line, some, (end - address, *widths[:-1]), unit)
            if opcodes is not None:
                out += opcodes
                end += sum(widths)
                address, line, is_first = end - widths[-1], some[-1], False
                continue
            for number, size in zip(some, widths, strict=True):
                if number == line and not is_first:
                    # One row for all of a line: debuggers step over the addresses of one row at a time.
                    end += size
                    continue
                _advance(out, (end - address) // unit, number - line)
                address, line, is_first = end, number, False
                end += size
    if end >= 0:
        _end_sequence(out, (end - address) // unit)


def _special_opcodes(line: int, numbers: Sequence[int], sizes: Sequence[int], unit: int) -> bytes | None:
    """Rows of lines in ascending order, each so far behind the one before; None if one takes more than a byte."""
    steps = [*map(sub, numbers, (line, *numbers[:-1]))]
    if min(steps) < 1 or max(steps) >= LINE_BASE + LINE_RANGE:
        return None
    ahead = {size: LINE_RANGE * (size // unit) + (OPCODE_BASE - LINE_BASE) for size in {*sizes}}
    opcodes = [*map(add, steps, map(ahead.__getitem__, sizes))]
    return bytes(opcodes) if max(opcodes) <= 255 else None


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

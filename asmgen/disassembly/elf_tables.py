"""Tables of an ELF file with many rows: symbols and relocations, each unpacked as a whole.

pyelftools knows where they lie; row by row it would take longer than disassembling.
Source: System V ABI, chapter 4 "Symbol Table" and "Relocation".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section

STT_FUNC, STT_SECTION, STT_FILE = 2, 3, 4
STB_GLOBAL, STB_WEAK = 1, 2


class SymbolRow(NamedTuple):
    """A symbol; `section` is its section's number, or one of the reserved numbers."""

    name: str
    value: int
    kind: int
    binding: int
    section: int


class RelocationRow(NamedTuple):
    """A relocation; the addend is None where it stands at the place."""

    offset: int
    kind: int
    symbol: int
    addend: int | None


def symbol_rows(elf: ELFFile, table: Section) -> list[SymbolRow]:
    """The rows of a symbol table.  Raises ELFError where it is broken."""
    names = elf.get_section(table["sh_link"]).data()
    rows = []
    for fields in _unpacked(elf, table, "IBBHQQ" if elf.elfclass == 64 else "IIIBBH"):
        if elf.elfclass == 64:
            name, info, _, section, value, _ = fields
        else:
            name, value, _, info, _, section = fields
        text = names[name : names.find(b"\0", name)].decode("utf-8", "replace") if name else ""
        rows.append(SymbolRow(text, value, info & 15, info >> 4, section))
    return rows


def relocation_rows(elf: ELFFile, table: Section) -> Iterator[RelocationRow]:
    """The rows of a relocation section.  Raises ELFError where it is broken."""
    wide, has_addends = elf.elfclass == 64, table["sh_type"] == "SHT_RELA"
    shift, mask = (32, (1 << 32) - 1) if wide else (8, 0xFF)
    layout = ("QQq" if has_addends else "QQ") if wide else ("IIi" if has_addends else "II")
    for offset, info, *addend in _unpacked(elf, table, layout):
        yield RelocationRow(offset, info & mask, info >> shift, addend[0] if addend else None)


def _unpacked(elf: ELFFile, table: Section, layout: str) -> Iterator[tuple[int, ...]]:
    form = struct.Struct(("<" if elf.little_endian else ">") + layout)
    data = table.data()
    if table["sh_entsize"] != form.size or len(data) % form.size:
        raise ELFError(f"the rows of {table.name} are not {form.size} bytes long")
    return form.iter_unpack(data)

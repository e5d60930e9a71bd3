"""Parts that all ELF files are made of: string tables, section headers, symbol tables.

Source: System V ABI, chapter 4 "Object Files".
"""

from __future__ import annotations

import struct

from msgspec import Struct, field

from ..target.traits import ElfTraits
from .program import ImageSymbol

EV_CURRENT = 1
SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS = 1, 2, 3, 8
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
SHN_ABS = 0xFFF1

_FLAGS = {"a": SHF_ALLOC, "w": SHF_WRITE, "x": SHF_EXECINSTR, "M": 0x10, "S": 0x20, "o": 0x80, "G": 0x200, "T": 0x400,
          "R": 0x200000, "e": 0x80000000}
"""SHF_MERGE, SHF_STRINGS, SHF_LINK_ORDER, SHF_GROUP, SHF_TLS, SHF_GNU_RETAIN and SHF_EXCLUDE by GNU as's letters."""

_SECTION_TYPES = {"": SHT_PROGBITS, "progbits": SHT_PROGBITS, "nobits": SHT_NOBITS, "note": 7, "init_array": 14,
                  "fini_array": 15, "preinit_array": 16}
"""By the names that sources have for them (SHT_NOTE, SHT_INIT_ARRAY …)."""
ARRAY_TYPES = (14, 15, 16)
"""Of sections that are arrays of addresses."""
_BINDING = {"local": 0, "global": 1, "weak": 2}
_KIND = {"": 0, "mapping": 0, "object": 1, "function": 2}



class StringTable(Struct):
    """A string table: offset 0 is the empty string."""

    data: bytearray = field(default_factory=lambda: bytearray(1))
    known: dict[str, int] = field(default_factory=lambda: {"": 0})

    def offset(self, text: str) -> int:
        """Where `text` stands, which is put in if it is new."""
        found = self.known.get(text)
        if found is None:
            found = self.known[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return found


class SectionHeader(Struct, frozen=True):
    """A section header; its name is resolved when the table of names is made."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int = 0
    info: int = 0
    alignment: int = 1
    entry_size: int = 0


def section_flags(letters: str) -> int:
    """`sh_flags` for GNU as's letters."""
    return sum(_FLAGS[letter] for letter in set(letters))


def section_type(kind: str, is_nobits: bool) -> int:
    """`sh_type` for a type as a source says it: a name, a number or nothing."""
    if is_nobits:
        return SHT_NOBITS
    return _SECTION_TYPES[kind] if kind in _SECTION_TYPES else int(kind, 0)


def section_header(header: SectionHeader, name: int, order: str, wide: bool) -> bytes:
    """The header as the file has it; `name` is an offset into the table of names."""
    return struct.pack(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"), name, header.kind, header.flags,
                       header.address, header.offset, header.size, header.link, header.info,
                       header.alignment, header.entry_size)


def symbol_table(
    symbols: tuple[ImageSymbol, ...], headers: list[SectionHeader], order: str, wide: bool
) -> tuple[bytes, bytes, int]:
    """The symbol table (local symbols first, as the ABI asks), its strings, the first global's index."""
    index = {header.name: number for number, header in enumerate(headers) if header.name}
    names = StringTable()
    entries = [_symbol_entry(0, 0, 0, 0, 0, order, wide)]
    local = [s for s in symbols if s.binding == "local"]
    shared = [s for s in symbols if s.binding != "local"]
    for symbol in (*local, *shared):
        info = _BINDING[symbol.binding] << 4 | _KIND[symbol.kind]
        # A symbol at the end of an empty section has no section left to name.
        section = index.get(symbol.section, SHN_ABS)
        entries.append(_symbol_entry(names.offset(symbol.name), symbol.value, symbol.size, info, section,
                                     order, wide))
    return b"".join(entries), bytes(names.data), len(local) + 1


def _symbol_entry(
    name: int, value: int, size: int, info: int, section: int, order: str, wide: bool
) -> bytes:
    if wide:
        return struct.pack(order + "IBBHQQ", name, info, 0, section, value, size)
    return struct.pack(order + "IIIBBH", name, value, size, info, 0, section)


def append_tables(
    out: bytearray, headers: list[SectionHeader], symbols: tuple[ImageSymbol, ...], order: str, wide: bool
) -> int:
    """Put symbol table, names and section headers at the end of a file; the offset of the headers.

    `headers` are those of the sections that `out` holds, and get those of the tables.
    """
    out += bytes(-len(out) % 8)
    table, names, first_global = symbol_table(symbols, headers, order, wide)
    symtab_index = len(headers)
    headers.append(SectionHeader(".symtab", SHT_SYMTAB, 0, 0, len(out), len(table), symtab_index + 1, first_global,
                           8 if wide else 4, 24 if wide else 16))
    out += table
    headers.append(SectionHeader(".strtab", SHT_STRTAB, 0, 0, len(out), len(names)))
    out += names
    section_names = StringTable()
    for header in headers:
        section_names.offset(header.name)
    section_names.offset(".shstrtab")
    headers.append(SectionHeader(".shstrtab", SHT_STRTAB, 0, 0, len(out), len(section_names.data)))
    out += section_names.data
    out += bytes(-len(out) % 8)
    table_offset = len(out)
    for header in headers:
        out += section_header(header, section_names.offset(header.name), order, wide)
    return table_offset


def header_sizes(wide: bool) -> tuple[int, int]:
    """Bytes of the file header and of a program header."""
    return (64, 56) if wide else (52, 32)


def file_header(
    kind: int, traits: ElfTraits, big_endian: bool, entry: int, segments: int, table_offset: int, sections: int,
    flags: int = 0
) -> bytes:
    """The ELF header of a file of `kind` (ET_*); program headers follow it, the names' section is the last one."""
    order = ">" if big_endian else "<"
    wide = traits.bits == 64
    header_size, segment_size = header_sizes(wide)
    identity = bytes([0x7F, 0x45, 0x4C, 0x46, 2 if wide else 1, 2 if big_endian else 1, EV_CURRENT])
    return identity.ljust(16, b"\0") + struct.pack(
        order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), kind, traits.machine, EV_CURRENT,
        entry, header_size if segments else 0, table_offset, traits.flags | flags, header_size,
        segment_size if segments else 0,
        segments, 64 if wide else 40, sections, sections - 1)

"""Writes ELF executables of 32 and 64 bits in either byte order.

Source: System V ABI, chapter 4 "Object Files"; machine number and flags come from the description.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from .image import ImageSection, ImageSymbol, Program
from .target import ElfTraits

ET_EXEC = 2
EV_CURRENT = 1
PT_LOAD = 1
SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS = 1, 2, 3, 8
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
PF_X, PF_W, PF_R = 1, 2, 4
SHN_ABS = 0xFFF1
SEGMENT_ALIGNMENT = 0x1000
"""Offset in the file and address agree modulo a page, as loaders that map files need it."""

_BINDING = {"local": 0, "global": 1, "weak": 2}
_KIND = {"": 0, "mapping": 0, "object": 1, "function": 2}


@dataclass(slots=True)
class _Strings:
    """A string table: offset 0 is the empty string."""

    data: bytearray = field(default_factory=lambda: bytearray(1))
    known: dict[str, int] = field(default_factory=lambda: {"": 0})

    def offset(self, text: str) -> int:
        found = self.known.get(text)
        if found is None:
            found = self.known[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return found


@dataclass(frozen=True, slots=True)
class _Header:
    """A section header without the offset of its name resolved."""

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


def write_elf(program: Program, debug: dict[str, bytes], traits: ElfTraits) -> bytes:
    """The ELF file of a program; `debug` maps names of debug sections to their contents."""
    order = ">" if program.big_endian else "<"
    wide = traits.bits == 64
    header_size, segment_size = (64, 56) if wide else (52, 32)
    loads = [s for s in program.sections if s.size]
    out = bytearray(header_size + segment_size * len(loads))
    headers = [_Header("", 0, 0, 0, 0, 0, alignment=0)]
    segments: list[bytes] = []
    for section in loads:
        if not section.nobits:
            out += bytes((section.address - len(out)) % SEGMENT_ALIGNMENT)
        offset = len(out)
        out += section.data
        headers.append(_Header(section.name, SHT_NOBITS if section.nobits else SHT_PROGBITS,
                               _section_flags(section.flags), section.address, offset, section.size,
                               alignment=section.alignment))
        segments.append(_segment(section, offset, order, wide))
    for other in program.other_sections:
        headers.append(_Header(other.name, SHT_PROGBITS, 0, 0, len(out), len(other.data),
                               alignment=other.alignment))
        out += other.data
    for name, data in debug.items():
        headers.append(_Header(name, SHT_PROGBITS, 0, 0, len(out), len(data)))
        out += data
    if traits.attributes is not None:
        data = traits.attributes.contents(program.big_endian)
        headers.append(_Header(traits.attributes.section, traits.attributes.section_type, 0, 0, len(out), len(data)))
        out += data
    out += bytes(-len(out) % 8)
    table, names, first_global = _symbol_table(program.symbols, headers, order, wide)
    symtab_index = len(headers)
    headers.append(_Header(".symtab", SHT_SYMTAB, 0, 0, len(out), len(table), symtab_index + 1, first_global,
                           8 if wide else 4, 24 if wide else 16))
    out += table
    headers.append(_Header(".strtab", SHT_STRTAB, 0, 0, len(out), len(names)))
    out += names
    section_names = _Strings()
    for header in headers:
        section_names.offset(header.name)
    section_names.offset(".shstrtab")
    headers.append(_Header(".shstrtab", SHT_STRTAB, 0, 0, len(out), len(section_names.data)))
    out += section_names.data
    out += bytes(-len(out) % 8)
    table_offset = len(out)
    for header in headers:
        out += _section_header(header, section_names.offset(header.name), order, wide)
    identity = bytes([0x7F, 0x45, 0x4C, 0x46, 2 if wide else 1, 2 if program.big_endian else 1, EV_CURRENT])
    out[:header_size] = identity.ljust(16, b"\0") + struct.pack(
        order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), ET_EXEC, traits.machine, EV_CURRENT,
        program.entry, header_size if loads else 0, table_offset, traits.flags, header_size, segment_size,
        len(loads), 64 if wide else 40, len(headers), len(headers) - 1)
    out[header_size : header_size + segment_size * len(segments)] = b"".join(segments)
    return bytes(out)


def _section_flags(letters: str) -> int:
    bits = {"a": SHF_ALLOC, "w": SHF_WRITE, "x": SHF_EXECINSTR}
    return sum(bits[letter] for letter in set(letters))


def _segment(section: ImageSection, offset: int, order: str, wide: bool) -> bytes:
    flags = PF_R | (PF_W if "w" in section.flags else 0) | (PF_X if "x" in section.flags else 0)
    in_file = len(section.data)
    alignment = SEGMENT_ALIGNMENT if in_file else 1
    if wide:
        return struct.pack(order + "IIQQQQQQ", PT_LOAD, flags, offset, section.address, section.address,
                           in_file, section.size, alignment)
    return struct.pack(order + "IIIIIIII", PT_LOAD, offset, section.address, section.address, in_file,
                       section.size, flags, alignment)


def _section_header(header: _Header, name: int, order: str, wide: bool) -> bytes:
    return struct.pack(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"), name, header.kind, header.flags,
                       header.address, header.offset, header.size, header.link, header.info,
                       header.alignment, header.entry_size)


def _symbol_table(
    symbols: tuple[ImageSymbol, ...], headers: list[_Header], order: str, wide: bool
) -> tuple[bytes, bytes, int]:
    """The symbol table (local symbols first, as the ABI asks), its strings, the first global's index."""
    index = {header.name: number for number, header in enumerate(headers) if header.name}
    names = _Strings()
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

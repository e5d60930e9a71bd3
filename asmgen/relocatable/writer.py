"""Writes ELF relocatable objects.  Source: System V ABI, chapter 4 "Object Files"."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from ..layout.sections import Section
from ..layout.symbol import Symbol
from ..objects.elf_parts import (
    SHN_ABS,
    SHT_STRTAB,
    SHT_SYMTAB,
    SectionHeader,
    StringTable,
    file_header,
    section_flags,
    section_header,
    section_type,
)
from ..target.traits import ElfTraits
from .emission import Relocation
from .object_symbols import ABSOLUTE, GROUP, SHARED, ObjectSymbol
from .styles import Style

ET_REL = 1
SHT_RELA, SHT_REL, SHT_GROUP = 4, 9, 17
SHF_INFO_LINK = 0x40
SHN_UNDEF, SHN_COMMON, SHN_LORESERVE = 0, 0xFFF2, 0xFF00
STT_SECTION = 3
GRP_COMDAT = 1


class ObjectContents(Struct):
    """What goes into an object: contents by section, relocations by the section's name, symbols in their order."""

    sections: Sequence[tuple[Section, bytes]]
    relocations: Mapping[str, Sequence[Relocation]]
    symbols: Sequence[ObjectSymbol]
    extra: Sequence[tuple[str, int, bytes]] = ()
    """More sections without addresses: name, type, contents."""
    flags: int = 0
    groups: Mapping[str, Sequence[Section]] = field(default_factory=dict)


class ObjectWriter:
    """Puts one object together."""

    def __init__(self, contents: ObjectContents, traits: ElfTraits, style: Style, big_endian: bool) -> None:
        self._contents, self._traits, self._style, self._big = contents, traits, style, big_endian
        self._order = ">" if big_endian else "<"
        self._wide = traits.bits == 64
        self._out = bytearray(64 if self._wide else 52)
        self._headers = [SectionHeader("", 0, 0, 0, 0, 0, alignment=0)]
        self._index: dict[int, int] = {}
        self._symbol_index: dict[int, int] = {}
        self._section_symbols: dict[int, int] = {}

    def write(self) -> bytes:
        """The file."""
        contents = self._contents
        number = 1 + len(contents.groups)
        for section, _ in contents.sections:
            # The relocations of a section stand behind it.
            self._index[id(section)] = number
            number += 1 + self._has_relocations(section)
        table, names, first_global = self._symbols()
        symtab = number + len(contents.extra)
        for signature, members in contents.groups.items():
            self._group(signature, members, symtab)
        for section, data in contents.sections:
            self._section(section, data)
            if self._has_relocations(section):
                self._relocations(section, symtab)
        for name, kind, data in contents.extra:
            self._put(SectionHeader(name, kind, 0, 0, 0, len(data)), data)
        entry = 24 if self._wide else 16
        self._put(SectionHeader(".symtab", SHT_SYMTAB, 0, 0, 0, len(table), symtab + 1, first_global,
                                8 if self._wide else 4, entry), table)
        self._put(SectionHeader(".strtab", SHT_STRTAB, 0, 0, 0, len(names)), names)
        return self._finish()

    def _put(self, header: SectionHeader, data: bytes) -> None:
        """A section with its contents, at an aligned place in the file."""
        self._out += bytes(-len(self._out) % max(1, header.alignment))
        self._headers.append(SectionHeader(header.name, header.kind, header.flags, 0, len(self._out), header.size,
                                           header.link, header.info, header.alignment, header.entry_size))
        self._out += data

    def _section(self, section: Section, data: bytes) -> None:
        kind = section.kind
        number = section_type(kind, section.nobits)
        flags = section_flags(section.flags)
        alignment = section.needed_alignment if self._style.aligns_code else section.alignment
        linked = next((self._index[id(s)] for s, _ in self._contents.sections if s.name == section.linked_to), 0)
        entry = section.entry_size or (self._traits.bits // 8 if kind.endswith("_array") else 0)
        self._put(SectionHeader(section.name, number, flags, 0, 0, section.size, linked, 0, alignment, entry), data)

    def _has_relocations(self, section: Section) -> bool:
        return bool(self._contents.relocations.get(section.key))

    def _group(self, signature: str, members: Sequence[Section], symtab: int) -> None:
        """A COMDAT group: its members, with their relocations, are kept or dropped together."""
        indices = [self._index[id(m)] + more for m in members for more in range(1 + self._has_relocations(m))]
        data = struct.pack(self._order + f"{1 + len(indices)}I", GRP_COMDAT, *indices)
        named = next(self._symbol_index[id(s.source)] for s in self._contents.symbols if s.name == signature)
        self._put(SectionHeader(".group", SHT_GROUP, 0, 0, 0, len(data), symtab, named, 4, 4), data)

    def _symbols(self) -> tuple[bytes, bytes, int]:
        """The symbol table, its names and the index of the first symbol that is not local."""
        names = StringTable()
        entries = [bytes(24 if self._wide else 16)]
        pointed = {id(r.section) for some in self._contents.relocations.values() for r in some
                   if r.section is not None}
        for section, _ in self._contents.sections:
            if id(section) in pointed:
                self._section_symbols[id(section)] = len(entries)
                entries.append(self._symbol_entry(0, 0, 0, STT_SECTION, 0, self._index[id(section)]))
        local = [s for s in self._contents.symbols if s.binding == 0]
        for symbol in (*local, *(s for s in self._contents.symbols if s.binding)):
            if symbol.source is not None:
                self._symbol_index[id(symbol.source)] = len(entries)
            entries.append(self._symbol_entry(names.offset(symbol.name), symbol.value, symbol.size,
                                              symbol.binding << 4 | symbol.kind, symbol.other, self._home(symbol)))
        return b"".join(entries), bytes(names.data), 1 + len(self._section_symbols) + len(local)

    def _home(self, symbol: ObjectSymbol) -> int:
        if isinstance(symbol.section, Section):
            return self._index[id(symbol.section)]
        if symbol.section == GROUP:
            return 1 + list(self._contents.groups).index(symbol.name)
        return {None: SHN_UNDEF, ABSOLUTE: SHN_ABS, SHARED: SHN_COMMON}[symbol.section]

    def _symbol_entry(self, name: int, value: int, size: int, info: int, other: int, section: int) -> bytes:
        value &= (1 << self._traits.bits) - 1
        if self._wide:
            return struct.pack(self._order + "IBBHQQ", name, info, other, section, value, size)
        return struct.pack(self._order + "IIIBBH", name, value, size, info, other, section)

    def _relocations(self, section: Section, symtab: int) -> None:
        style, wide = self._style, self._wide
        out = bytearray()
        shift, mask = (32, (1 << 32) - 1) if wide else (8, 0xFF)
        for one in sorted(self._contents.relocations[section.key], key=lambda r: r.offset):
            info = self._target(one.symbol, one.section) << shift | style.numbers[one.name] & mask
            out += struct.pack(self._order + ("QQ" if wide else "II"), one.offset, info)
            if style.has_addends:
                out += struct.pack(self._order + ("q" if wide else "i"), _signed(one.addend, self._traits.bits))
        entry = (8 if wide else 4) * (3 if style.has_addends else 2)
        prefix, kind = (".rela", SHT_RELA) if style.has_addends else (".rel", SHT_REL)
        flags = SHF_INFO_LINK | (section_flags("G") if section.group else 0)
        self._put(SectionHeader(prefix + section.name, kind, flags, 0, 0, len(out), symtab,
                                self._index[id(section)], 8 if wide else 4, entry), bytes(out))

    def _target(self, symbol: Symbol | None, section: Section | None) -> int:
        if symbol is not None:
            return self._symbol_index[id(symbol)]
        return self._section_symbols[id(section)] if section is not None else 0

    def _finish(self) -> bytes:
        names = StringTable()
        for header in self._headers:
            names.offset(header.name)
        names.offset(".shstrtab")
        self._put(SectionHeader(".shstrtab", SHT_STRTAB, 0, 0, 0, len(names.data)), bytes(names.data))
        out = self._out
        out += bytes(-len(out) % 8)
        table = len(out)
        for header in self._headers:
            out += section_header(header, names.offset(header.name), self._order, self._wide)
        start = file_header(ET_REL, self._traits, self._big, 0, 0, table, len(self._headers), self._contents.flags)
        out[: len(start)] = start
        return bytes(out)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value

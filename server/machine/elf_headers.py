"""The headers of an ELF file, as far as loading one needs them (System V ABI, chapters 4 and 5)."""

from __future__ import annotations

import struct
from functools import cached_property
from typing import Final

import msgspec

SHT_SYMTAB, SHT_NOBITS, SHT_DYNSYM = 2, 8, 11
_MACHINES: Final = {20: "PPC", 21: "PPC64", 40: "ARM"}
_TYPES: Final = {1: "ET_REL", 2: "ET_EXEC", 3: "ET_DYN", 4: "ET_CORE"}


class ProgramHeader(msgspec.Struct, frozen=True):
    """One segment."""

    type: int
    flags: int
    offset: int
    virtual: int
    physical: int
    file_size: int
    memory_size: int


class SectionHeader(msgspec.Struct, frozen=True):
    """One section; `name` is a place in the section of names."""

    name: int
    type: int
    address: int
    offset: int
    size: int
    link: int


class ElfHeaders:
    """What the headers of a file's bytes say. Parts are read when they are asked for: each raises ValueError where it
    makes no sense."""

    def __init__(self, raw: bytes) -> None:
        """Raises ValueError for a header that is not whole, or of no class or byte order that there is."""
        self._raw = raw
        if len(raw) < 16 or raw[4] not in (1, 2) or raw[5] not in (1, 2):
            raise ValueError("its identification has no class or byte order that there is")
        self.elf_class = 32 * raw[4]
        """32 or 64."""
        self.is_little = raw[5] == 1
        self._order = "<" if self.is_little else ">"
        layout = struct.Struct(self._order + ("HHIIIIIHHHHHH" if self.elf_class == 32 else "HHIQQQIHHHHHH"))
        if len(raw) < 16 + layout.size:
            raise ValueError("its header is not all there")
        fields = layout.unpack_from(raw, 16)
        self.type, self.machine_number, _, self.entry, self.program_offset, self.section_offset = fields[:6]
        self.program_size, self.program_count, self.section_size, self.section_count, self._names_at = fields[8:]

    @property
    def type_name(self) -> str:
        """e_type by its name, or its number."""
        return _TYPES.get(self.type, str(self.type))

    @property
    def machine(self) -> str:
        """e_machine by its name without the prefix: "PPC64", "ARM"; a number that has none."""
        return machine_name(self.machine_number)

    @cached_property
    def programs(self) -> tuple[ProgramHeader, ...]:
        """The program headers, which are all in the file."""
        if self.elf_class == 64:
            layout = struct.Struct(self._order + "IIQQQQQQ")
            order = (0, 1, 2, 3, 4, 5, 6)
        else:
            layout = struct.Struct(self._order + "IIIIIIII")
            order = (0, 6, 1, 2, 3, 4, 5)
        table = self._table(self.program_offset, self.program_count, layout)
        return tuple(ProgramHeader(*(fields[at] for at in order)) for fields in table)

    @cached_property
    def sections(self) -> tuple[SectionHeader, ...]:
        """The section headers, which are all in the file."""
        layout = struct.Struct(self._order + ("IIIIIIIIII" if self.elf_class == 32 else "IIQQQQIIQQ"))
        table = self._table(self.section_offset, self.section_count, layout)
        return tuple(SectionHeader(*fields[:2], *fields[3:7]) for fields in table)

    def _table(self, offset: int, count: int, layout: struct.Struct) -> list[tuple[int, ...]]:
        if offset + count * layout.size > len(self._raw):
            raise ValueError("a table of headers is not all in the file")
        return [layout.unpack_from(self._raw, offset + number * layout.size) for number in range(count)]

    def data(self, section: SectionHeader) -> bytes:
        """What the file has of a section."""
        return b"" if section.type == SHT_NOBITS else self._raw[section.offset : section.offset + section.size]

    def section_named(self, name: str) -> SectionHeader | None:
        """The first section of that name."""
        if self._names_at >= len(self.sections):
            return None
        names, wanted = self.data(self.sections[self._names_at]), name.encode() + b"\0"
        return next((one for one in self.sections if names[one.name : one.name + len(wanted)] == wanted), None)


def machine_name(number: int) -> str:
    """An e_machine's name without the prefix, or the number where it has none."""
    known = _MACHINES.get(number)
    if known is None:
        from elftools.elf.enums import ENUM_E_MACHINE

        names = (name for name, value in ENUM_E_MACHINE.items() if value == number)
        known = next(names, str(number)).removeprefix("EM_")
    return known

"""What an ELF file says about its code: sections, labels, mapping symbols, relocations, source lines.

In an object file every section begins at 0, so all of it belongs to its section.
"""

from __future__ import annotations

import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from elftools.common.exceptions import DWARFError, ELFError
from elftools.elf.descriptions import describe_reloc_type
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_E_MACHINE
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import Section, SymbolTableSection
from msgspec import Struct

from ...isa.errors import TraplineError
from ..relocatable.styles import relocation_numbers
from .disassembler import Disassembler
from .elf_tables import (
    STB_GLOBAL,
    STB_WEAK,
    STT_FILE,
    STT_FUNC,
    STT_SECTION,
    SymbolRow,
    relocation_rows,
    symbol_rows,
)
from .source_lines import SourceLine, source_lines

SHF_ALLOC = 2
SHF_EXECINSTR = 4
_RANKS = {STB_GLOBAL: 0, STB_WEAK: 1}

_ALSO = {"EM_PPC64": ("EM_PPC",)}
"""Programs of 32 bits have a number of their own, and the same instructions."""


class Relocation(Struct, frozen=True):
    """A place that a linker changes: address, name of the type, symbol, addend (None where it stands in place)."""

    address: int
    kind: str
    symbol: str
    addend: int | None

    def __str__(self) -> str:
        more = f"{self.addend:+#x}" if self.addend else ""
        return f"{self.kind} {self.symbol}{more}"


@dataclass(frozen=True)
class CodeSection:
    """A section with what stands in it; addresses are those of the file."""

    name: str
    address: int
    data: bytes
    is_code: bool
    labels: dict[int, list[str]] = field(default_factory=dict)
    marks: dict[int, str] = field(default_factory=dict)
    relocations: tuple[Relocation, ...] = ()
    lines: dict[int, SourceLine] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + len(self.data)

    def relocations_in(self, address: int, size: int) -> list[Relocation]:
        """Those that change one of `size` bytes."""
        first = bisect_left(self._changed, address)
        return list(self.relocations[first : bisect_left(self._changed, address + size, first)])

    @cached_property
    def _changed(self) -> list[int]:
        return [one.address for one in self.relocations]

    @cached_property
    def _places(self) -> list[int]:
        return sorted(self.labels)

    def nearest(self, address: int) -> tuple[str, int] | None:
        """The label at or before an address of this section, and the distance."""
        index = bisect_right(self._places, address)
        if not index or not self.address <= address <= self.end:
            return None
        place = self._places[index - 1]
        return self.labels[place][0], address - place


class CodeFile(Struct, frozen=True):
    """The sections that occupy memory, in the file's order; `big_endian` is the order of its data."""

    sections: tuple[CodeSection, ...]
    big_endian: bool
    relocatable: bool

    def named(self, address: int, section: CodeSection) -> tuple[str, int] | None:
        """The label nearest to an address that code of `section` names."""
        if section.address <= address < section.end or self.relocatable:
            return section.nearest(address)
        return next((found for one in self.sections if one.address <= address < one.end
                     and (found := one.nearest(address))), None)


def read_code(data: bytes, name: str, disassembler: Disassembler, with_lines: bool = True) -> CodeFile:
    """Read an ELF file; source lines only if they are wanted (`with_lines`).

    Raises TraplineError where it is none, not a sound one, or for another machine.
    """
    try:
        elf = ELFFile(io.BytesIO(data))
        _check_machine(elf, name, disassembler)
        sections = tuple(_sections(elf, disassembler, with_lines))
        return CodeFile(sections, not elf.little_endian, elf["e_type"] == "ET_REL")
    except (ELFError, DWARFError, ValueError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise TraplineError(f"cannot read {name} as an ELF file: {error}") from error


def _check_machine(elf: ELFFile, name: str, disassembler: Disassembler) -> None:
    """Other machines' words would be shown as instructions of this one, or as none."""
    names = {number: text for text, number in ENUM_E_MACHINE.items() if isinstance(number, int)}
    own = names.get(disassembler.elf_machine, str(disassembler.elf_machine))
    if elf["e_machine"] not in (own, disassembler.elf_machine, *_ALSO.get(own, ())):
        found = str(elf["e_machine"]).removeprefix("EM_")
        raise TraplineError(
            f"{name}: it is for {found}, and {disassembler.description.core} is {own.removeprefix('EM_')}",
            f"give --arch a core for {found}, or the bytes alone with --hex",
        )


def _sections(elf: ELFFile, disassembler: Disassembler, with_lines: bool) -> Iterator[CodeSection]:
    chosen = {number: section for number, section in enumerate(elf.iter_sections())
              if section["sh_flags"] & SHF_ALLOC and section["sh_type"] != "SHT_NOBITS"}
    relocatable = elf["e_type"] == "ET_REL"
    labels: dict[int, dict[int, list[tuple[int, str]]]] = {number: {} for number in chosen}
    marks: dict[int, dict[int, str]] = {number: {} for number in chosen}
    mapping = disassembler.mapping_symbols()
    symbols = _symbols(elf)
    for symbol in symbols:
        number = symbol.section
        if number not in chosen or not symbol.name or symbol.kind in (STT_SECTION, STT_FILE):
            continue
        # A mapping symbol may have a name of its own behind a dot.
        mark = symbol.name.split(".")[0]
        if mark in mapping:
            marks[number][symbol.value] = mapping[mark]
            continue
        # A function's lowest bit may tell its instruction set.
        address = symbol.value & ~1 if symbol.kind == STT_FUNC else symbol.value
        labels[number].setdefault(address, []).append((_RANKS.get(symbol.binding, 2), symbol.name))
    relocations = _relocations(elf, chosen)
    coded = [number for number, section in chosen.items() if section["sh_flags"] & SHF_EXECINSTR and section.data_size]
    lines = source_lines(elf) if with_lines and (not relocatable or len(coded) == 1) else {}
    for number, section in chosen.items():
        start, is_code = section["sh_addr"], bool(section["sh_flags"] & SHF_EXECINSTR)
        content = section.data()
        ordered = {address: [name for _, name in sorted(found, key=lambda one: one[0])]
                   for address, found in labels[number].items()}
        own = {a: line for a, line in lines.items() if is_code and start <= a < start + len(content)}
        yield CodeSection(section.name, start, content, is_code, ordered, marks[number],
                          tuple(relocations.get(number, ())), own)


def _symbols(elf: ELFFile) -> list[SymbolRow]:
    table = elf.get_section_by_name(".symtab")
    return symbol_rows(elf, table) if isinstance(table, SymbolTableSection) else []


def _relocations(elf: ELFFile, chosen: dict[int, Section]) -> dict[int, Sequence[Relocation]]:
    found: dict[int, Sequence[Relocation]] = {}
    tables: dict[int, list[SymbolRow]] = {}
    kinds: dict[int, str] = {}
    names: dict[int, str] = {}
    for section in elf.iter_sections():
        if not isinstance(section, RelocationSection) or section["sh_info"] not in chosen:
            continue
        link = section["sh_link"]
        table = elf.get_section(link)
        if not isinstance(table, SymbolTableSection):
            continue
        if link not in tables:
            tables[link] = symbol_rows(elf, table)
        rows = []
        for one in relocation_rows(elf, section):
            if one.symbol >= len(tables[link]):
                raise ELFError(f"{section.name} names a symbol that {table.name} does not have")
            symbol = tables[link][one.symbol]
            name = symbol.name
            if symbol.kind == STT_SECTION:
                if symbol.section not in names:
                    names[symbol.section] = elf.get_section(symbol.section).name
                name = names[symbol.section]
            if one.kind not in kinds:
                kinds[one.kind] = _relocation_name(one.kind, elf)
            rows.append(Relocation(one.offset, kinds[one.kind], name, one.addend))
        found[section["sh_info"]] = sorted(rows, key=lambda one: one.address)
    return found


def _relocation_name(kind: int, elf: ELFFile) -> str:
    """What a relocation is called, or its number."""
    name = describe_reloc_type(kind, elf)
    if name.startswith("R_"):
        return name
    numbers = relocation_numbers("ENUM_RELOC_TYPE_PPC64") if elf["e_machine"] == "EM_PPC64" else {}
    return next((own for own, number in numbers.items() if number == kind), f"relocation {kind}")

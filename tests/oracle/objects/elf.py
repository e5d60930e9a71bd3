"""An ELF object as plain values: sections, symbols and relocations, so that two assemblers' can be compared."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass

from elftools.common.exceptions import ELFError
from elftools.elf.descriptions import describe_reloc_type
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import Section, Symbol, SymbolTableSection

from ..require import OracleError

_BOOK_KEEPING = {"SHT_NULL", "SHT_SYMTAB", "SHT_STRTAB", "SHT_REL", "SHT_RELA", "SHT_SYMTAB_SHNDX"}


@dataclass(frozen=True, slots=True)
class ObjectSection:
    """A section's header and contents; `data` is empty for one without contents."""

    name: str
    kind: str
    flags: int
    alignment: int
    entry_size: int
    size: int
    data: bytes

    @property
    def is_code(self) -> bool:
        """Whether it holds instructions (SHF_EXECINSTR)."""
        return bool(self.flags & 4)


@dataclass(frozen=True, slots=True, order=True)
class ObjectSymbol:
    """A symbol; `section` is a name, or UND, ABS or COMMON. A section's own symbol is not listed."""

    name: str
    section: str
    value: int
    size: int
    kind: str
    binding: str
    visibility: str
    other: int

    def __str__(self) -> str:
        return (f"{self.name} = {self.section}+{self.value:#x}, size {self.size}, {self.binding} {self.kind} "
                f"{self.visibility}, local entry {self.other}")


@dataclass(frozen=True, slots=True, order=True)
class ObjectRelocation:
    """A place to be changed; `symbol` is the name of a section for a section's symbol. REL has addend 0 here."""

    offset: int
    kind: str
    symbol: str
    addend: int

    def __str__(self) -> str:
        return f"{self.offset:#x}: {self.kind} {self.symbol}{self.addend:+#x}"


@dataclass(frozen=True)
class ObjectFile:
    """What an assembler made. Sections of the same name are told apart by #2, #3, in the file's order."""

    machine: str
    flags: int
    sections: dict[str, ObjectSection]
    symbols: tuple[ObjectSymbol, ...]
    relocations: dict[str, tuple[ObjectRelocation, ...]]
    raw: bytes


def read_object(raw: bytes) -> ObjectFile:
    """Read an ELF file. Raises `OracleError` if it is none."""
    try:
        return _read(ELFFile(io.BytesIO(raw)), raw)
    except ELFError as error:
        raise OracleError(f"not a sound ELF file: {error}") from error


def _read(elf: ELFFile, raw: bytes) -> ObjectFile:
    names = _names(elf)
    sections = {
        names[number]: _section(names[number], section)
        for number, section in enumerate(elf.iter_sections())
        if section["sh_type"] not in _BOOK_KEEPING
    }
    symbols = [
        _symbol(one, names)
        for table in elf.iter_sections()
        if isinstance(table, SymbolTableSection)
        for one in table.iter_symbols()
        if one.name and one["st_info"]["type"] != "STT_SECTION"
    ]
    relocations: dict[str, tuple[ObjectRelocation, ...]] = {}
    for section in elf.iter_sections():
        if isinstance(section, RelocationSection):
            found = tuple(sorted(_relocations(elf, section, names)))
            if found:
                relocations[names[section["sh_info"]]] = found
    return ObjectFile(elf["e_machine"], elf["e_flags"], sections, tuple(sorted(symbols)), relocations, raw)


def _names(elf: ELFFile) -> dict[int, str]:
    seen: Counter[str] = Counter()
    names: dict[int, str] = {}
    for number, section in enumerate(elf.iter_sections()):
        seen[section.name] += 1
        names[number] = section.name if seen[section.name] == 1 else f"{section.name}#{seen[section.name]}"
    return names


def _section(name: str, section: Section) -> ObjectSection:
    has_data = section["sh_type"] != "SHT_NOBITS"
    return ObjectSection(name, str(section["sh_type"]), section["sh_flags"], section["sh_addralign"],
                         section["sh_entsize"], section["sh_size"], section.data() if has_data else b"")


def _symbol(one: Symbol, names: dict[int, str]) -> ObjectSymbol:
    where, other = one["st_shndx"], one["st_other"]
    section = names[where] if isinstance(where, int) else str(where).removeprefix("SHN_")
    return ObjectSymbol(one.name, section, one["st_value"], one["st_size"], one["st_info"]["type"],
                        one["st_info"]["bind"], other["visibility"], other["local"])


def _relocations(elf: ELFFile, section: RelocationSection, names: dict[int, str]) -> list[ObjectRelocation]:
    table = elf.get_section(section["sh_link"])
    assert isinstance(table, SymbolTableSection)
    found = []
    for one in section.iter_relocations():
        symbol = table.get_symbol(one["r_info_sym"])
        assert symbol is not None
        name = symbol.name
        if symbol["st_info"]["type"] == "STT_SECTION":
            name = names[symbol["st_shndx"]]
        found.append(ObjectRelocation(one["r_offset"], describe_reloc_type(one["r_info_type"], elf), name,
                                      one["r_addend"] if section.is_RELA() else 0))
    return found

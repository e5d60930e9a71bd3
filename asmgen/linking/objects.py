"""Reads relocatable objects (ELF, ET_REL) by pyelftools."""

from __future__ import annotations

import io
from collections.abc import Mapping

from elftools.common.exceptions import ELFError, ELFParseError
from elftools.construct import ConstructError
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import Section, Symbol, SymbolTableSection

from ..target.byte_order import byte_order
from ..target.traits import ElfTraits
from .files import MAX_OBJECT_BYTES
from .modules import InputRelocation, InputSection, InputSymbol, LinkError, Module

SHF_EXCLUDE = 0x80000000
_KINDS = {"STT_FUNC": "function", "STT_OBJECT": "object", "STT_SECTION": "section", "STT_FILE": "file",
          "STT_COMMON": "object"}
_BINDINGS = {"STB_LOCAL": "local", "STB_GLOBAL": "global", "STB_WEAK": "weak"}
_NUMBERS = {"SHT_PROGBITS": 1, "SHT_NOTE": 7, "SHT_NOBITS": 8, "SHT_INIT_ARRAY": 14, "SHT_FINI_ARRAY": 15,
            "SHT_PREINIT_ARRAY": 16, "SHT_ARM_EXIDX": 0x70000001}

def read_object(name: str, data: bytes, traits: ElfTraits, big_endian: bool, names: Mapping[int, str]) -> Module:
    """The object in `data`; `names` are the ABI's relocations by number.

    Raises LinkError if it is no sound relocatable object for this machine.
    """
    try:
        return _Reader(name, ELFFile(io.BytesIO(data)), names).read(traits, big_endian)
    except (ELFError, ELFParseError, ConstructError, UnicodeDecodeError, ValueError, KeyError, IndexError,
            AssertionError, OverflowError, AttributeError, TypeError) as error:
        raise LinkError(f"{name} is no sound ELF object: {error}", "make it anew, or leave it away") from error


class _Reader:
    """Takes one file apart."""

    def __init__(self, name: str, elf: ELFFile, names: Mapping[int, str]) -> None:
        self._elf, self._names = elf, names
        self.module = Module(name)
        self._sections: dict[int, InputSection] = {}
        self._symbols: list[InputSymbol] = []

    def read(self, traits: ElfTraits, big_endian: bool) -> Module:
        """The module.  Raises LinkError."""
        elf, name = self._elf, self.module.name
        if elf["e_type"] != "ET_REL":
            raise LinkError(f"{name} is no relocatable object but {elf['e_type']}", "link what -c made of its source")
        machine = elf.header["e_machine"]
        number = {"EM_PPC64": 21, "EM_ARM": 40}.get(machine, machine)
        if (number, elf.elfclass) != (traits.machine, traits.bits):
            raise LinkError(f"{name} is for {machine} ({elf.elfclass} bits)", "compile it for this core's machine")
        if elf.little_endian == big_endian:
            orders = ("little", "big") if elf.little_endian else ("big", "little")
            raise LinkError(f"{name} is {orders[0]}-endian, and the program is {orders[1]}-endian",
                            f"compile it {orders[1]}-endian, or say --order {orders[0]}")
        self.module.flags = elf["e_flags"]
        for index, section in enumerate(elf.iter_sections()):
            self._section(index, section)
        for section in elf.iter_sections():
            if isinstance(section, SymbolTableSection) and section["sh_type"] == "SHT_SYMTAB":
                self._symbols = [self._symbol(one) for one in section.iter_symbols()]
        for section in elf.iter_sections():
            if isinstance(section, RelocationSection):
                self._relocations(section)
            elif section["sh_type"] == "SHT_GROUP":
                self._group(section)
        self.module.symbols = self._symbols
        return self.module

    def _section(self, index: int, section: Section) -> None:
        kind: str | int = section["sh_type"]
        number = kind if isinstance(kind, int) else _NUMBERS.get(kind, 0)
        if not number or section["sh_flags"] & SHF_EXCLUDE:
            return
        size = section["sh_size"]
        if size > MAX_OBJECT_BYTES and kind != "SHT_NOBITS":
            raise LinkError(f"section {section.name} of {self.module.name} claims {size} bytes", "make it anew")
        data = bytearray() if kind == "SHT_NOBITS" else bytearray(section.data())
        made = InputSection(self.module, section.name, number, section["sh_flags"], max(1, section["sh_addralign"]),
                            size, data)
        self._sections[index] = made
        self.module.sections.append(made)

    def _symbol(self, one: Symbol) -> InputSymbol:
        where = one["st_shndx"]
        section = self._sections.get(where) if isinstance(where, int) else None
        is_common = where == "SHN_COMMON"
        defined = where == "SHN_ABS" or (isinstance(where, int) and section is not None)
        kind = _KINDS.get(one["st_info"]["type"], "")
        name = section.name if kind == "section" and section is not None else one.name
        binding = _BINDINGS.get(one["st_info"]["bind"], "global")
        other = one.entry["st_other"]["local"] << 5 if "local" in one.entry["st_other"] else 0
        return InputSymbol(name, one["st_value"], one["st_size"], binding, kind, section, defined,
                           one["st_value"] if is_common else 0, other)

    def _relocations(self, section: RelocationSection) -> None:
        target = self._sections.get(section["sh_info"])
        if target is None:
            return
        for one in section.iter_relocations():
            number, index = one["r_info_type"], one["r_info_sym"]
            symbol = self._symbols[index] if index else None
            name = self._names.get(number, f"relocation {number}")
            addend = one["r_addend"] if section.is_RELA() else None
            target.relocations.append(InputRelocation(one["r_offset"], name, symbol, addend))

    def _group(self, section: Section) -> None:
        order = byte_order(not self._elf.little_endian)
        words = [int.from_bytes(section.data()[at : at + 4], order) for at in range(0, section["sh_size"], 4)]
        if words and words[0] & 1:
            members = [self._sections[i] for i in words[1:] if i in self._sections]
            self.module.groups.append((self._symbols[section["sh_info"]].name, members))

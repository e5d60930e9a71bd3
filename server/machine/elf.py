"""Loads ELF files of any class and byte order by their program headers (System V ABI, chapter 5).

A file from the outside is not trusted: what it claims is checked, and each kind of mistake has its own
error. Nothing is executed, relocated or linked here.
"""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec import structs

from ...isa.errors import TraplineError
from .elf_headers import SHT_DYNSYM, SHT_SYMTAB, ElfHeaders
from .ram import ByteOrder

MAXIMUM_FILE: Final = 1 << 30
"""Largest file read, in bytes: a Linux kernel with debug information has about a third of that."""
_PT_LOAD = 1
_STT_SECTION, _STT_FILE, _STB_LOCAL, _SHN_UNDEF = 3, 4, 0, 0


class ElfError(TraplineError):
    """Base of what can be wrong with an ELF file."""


class NotAnElfFileError(ElfError):
    """The file is no ELF file, or its headers make no sense."""


class NotExecutableError(ElfError):
    """The file is an object or a core dump, which has nothing to run."""


class WrongMachineError(ElfError):
    """The file is for another architecture."""


class TruncatedSegmentError(ElfError):
    """A segment's bytes are not all in the file."""


class OverlappingSegmentsError(ElfError):
    """Two segments want the same physical addresses."""


class NoLoadableSegmentsError(ElfError):
    """There is no PT_LOAD segment with anything in it."""


class EntryOutsideError(ElfError):
    """The entry point is in none of the segments."""


class Segment(msgspec.Struct, frozen=True):
    """One PT_LOAD segment: `data` goes to `physical`, zeros follow up to `size` bytes."""

    virtual: int
    physical: int
    data: bytes
    size: int
    readable: bool
    writable: bool
    executable: bool

    def __str__(self) -> str:
        return f"segment {self.physical:#x}-{self.physical + self.size - 1:#x}"


class LoadedElf(msgspec.Struct, frozen=True):
    """What there is to know of a file. Addresses are as the file gives them.

    On Power's ELFv1 a program's `entry` is its function descriptor, a kernel's the code itself.
    A Thumb function's address has bit 0 set.
    """

    path: str
    machine: str
    """e_machine by its name without the prefix: "PPC64", "PPC", "ARM"..."""
    elf_class: int
    """32 or 64."""
    order: ByteOrder
    entry: int
    segments: tuple[Segment, ...]
    symbols: MappingProxyType[str, int]
    """Addresses of named symbols; of several with one name a global one counts."""
    raw: bytes
    """The whole file; empty where the guest is no ELF file."""
    position_independent: bool = False
    """Whether it is ET_DYN: to be relocated by whoever loads it, or by itself."""
    descriptors: tuple[tuple[int, int], ...] = ()
    """First address and end of sections of function descriptors (ELFv1's .opd)."""

    @property
    def physical_entry(self) -> int:
        """The physical address that `entry` is loaded to. Raises EntryOutsideError."""
        return self.physical(self.entry)

    def physical(self, address: int) -> int:
        """Where virtual `address` is loaded to. Raises EntryOutsideError."""
        for segment in self.segments:
            if segment.virtual <= address < segment.virtual + segment.size:
                return address - segment.virtual + segment.physical
        raise EntryOutsideError(f"{self.path}: entry point {address:#x} is in none of its segments")

    def code_of(self, symbol: int) -> int:
        """Where the code is that a symbol's address stands for: what an ELFv1 function descriptor points to; a Thumb
        function without its bit 0."""
        if self.machine == "PPC64" and any(start <= symbol < end for start, end in self.descriptors):
            return self.word_at(symbol, 8)
        return symbol & ~1 if self.machine == "ARM" else symbol

    @property
    def relocates_itself(self) -> bool:
        """Whether it is a kernel that runs wherever it is put (ET_DYN, linked at 0), or would have to be relocated."""
        return self.position_independent and min(segment.virtual for segment in self.segments) == 0

    def at(self, base: int) -> LoadedElf:
        """The same, `base` bytes higher: what relocates itself, put to its place."""
        return structs.replace(
            self,
            entry=self.entry + base,
            segments=tuple(
                structs.replace(one, virtual=one.virtual + base, physical=one.physical + base) for one in self.segments
            ),
            symbols=MappingProxyType({name: address + base for name, address in self.symbols.items()}),
            position_independent=False,
            descriptors=tuple((start + base, end + base) for start, end in self.descriptors),
        )

    def word_at(self, address: int, size: int) -> int:
        """The unsigned integer of `size` bytes that the file has for virtual `address`; zeros where it has none."""
        for segment in self.segments:
            if segment.virtual <= address < segment.virtual + segment.size:
                at = address - segment.virtual
                return int.from_bytes(segment.data[at : at + size].ljust(size, b"\0"), self.order)
        return 0


def load_elf(path: Path, machine: str | None = None) -> LoadedElf:
    """Reads a file. `machine` is the one it must be for, as `LoadedElf.machine` names it.

    Raises an ElfError of the kind that fits, or OSError when the file cannot be read.
    """
    size = path.stat().st_size
    if size > MAXIMUM_FILE:
        raise NotAnElfFileError(
            f"{path}: {size:#x} bytes are more than the {MAXIMUM_FILE:#x} that are read",
            "strip its debug information",
        )
    return parse_elf(path.read_bytes(), str(path), machine)


def parse_elf(raw: bytes, path: str, machine: str | None = None) -> LoadedElf:
    """Like `load_elf`, of bytes; `path` is how messages call them. Raises an ElfError."""
    try:
        return _parse(raw, path, machine)
    except ValueError as error:
        raise NotAnElfFileError(f"{path}: no usable ELF file: {error}", "check how it was made") from error


def _parse(raw: bytes, path: str, machine: str | None) -> LoadedElf:
    if not raw.startswith(b"\x7fELF"):
        raise NotAnElfFileError(
            f"{path}: no ELF file: it begins with {raw[:4].hex(' ') or 'nothing'}, not 7f 45 4c 46",
            "give a linked ELF program; a flat image is loaded with an address of its own",
        )
    elf = ElfHeaders(raw)
    _check_headers(elf, raw, path)
    found = elf.machine
    if machine is not None and found != machine:
        raise WrongMachineError(f"{path}: it is for {found}, not for {machine}", "use the other machine")
    if elf.type_name not in ("ET_EXEC", "ET_DYN"):
        raise NotExecutableError(f"{path}: it is of type {elf.type_name}: nothing to run", "link it first")
    segments = _segments(elf, raw, path)
    loaded = LoadedElf(
        path=path,
        machine=found,
        elf_class=elf.elf_class,
        order="little" if elf.is_little else "big",
        entry=elf.entry,
        segments=segments,
        symbols=MappingProxyType(_symbols(elf)),
        raw=raw,
        position_independent=elf.type_name == "ET_DYN",
        descriptors=_descriptors(elf),
    )
    _ = loaded.physical_entry  # raises EntryOutsideError
    return loaded


def _check_headers(elf: ElfHeaders, raw: bytes, path: str) -> None:
    """Makes sure that both header tables are in the file, before they are walked."""
    program_size, section_size = (32, 40) if elf.elf_class == 32 else (56, 64)
    if elf.program_count and elf.program_size != program_size:
        raise NotAnElfFileError(f"{path}: its program headers have {elf.program_size} bytes each")
    if elf.program_offset + elf.program_count * program_size > len(raw):
        raise TruncatedSegmentError(f"{path}: its program headers are not all in the file")
    if elf.section_count and elf.section_size != section_size:
        raise NotAnElfFileError(f"{path}: its section headers have {elf.section_size} bytes each")
    if elf.section_offset + elf.section_count * section_size > len(raw):
        raise NotAnElfFileError(f"{path}: its section headers are not all in the file", "copy it again")


def _segments(elf: ElfHeaders, raw: bytes, path: str) -> tuple[Segment, ...]:
    """The PT_LOAD segments that hold something, by ascending physical address."""
    segments = []
    for number, header in enumerate(elf.programs):
        if header.type != _PT_LOAD or header.memory_size == 0:
            continue
        start, length = header.offset, header.file_size
        where = f"{path}: segment {number} at {header.physical:#x}"
        if start + length > len(raw):
            raise TruncatedSegmentError(
                f"{where} needs file bytes {start:#x}-{start + length:#x}, the file has {len(raw):#x}",
                "copy the file again",
            )
        if length > header.memory_size:
            raise TruncatedSegmentError(f"{where} has {length:#x} bytes for {header.memory_size:#x} of memory")
        if max(header.virtual, header.physical) + header.memory_size > 1 << elf.elf_class:
            raise TruncatedSegmentError(f"{where} with {header.memory_size:#x} bytes leaves the address space")
        flags = header.flags
        segments.append(
            Segment(
                virtual=header.virtual,
                physical=header.physical,
                data=raw[start : start + length],
                size=header.memory_size,
                readable=bool(flags & 4),
                writable=bool(flags & 2),
                executable=bool(flags & 1),
            )
        )
    if not segments:
        raise NoLoadableSegmentsError(f"{path}: it has no loadable segment", "link it as a program")
    segments.sort(key=lambda segment: segment.physical)
    for lower, upper in itertools.pairwise(segments):
        if lower.physical + lower.size > upper.physical:
            raise OverlappingSegmentsError(f"{path}: {lower} and {upper} overlap", "correct the link map")
    return tuple(segments)


def _descriptors(elf: ElfHeaders) -> tuple[tuple[int, int], ...]:
    section = elf.section_named(".opd")
    return () if section is None else ((section.address, section.address + section.size),)


def _symbols(elf: ElfHeaders) -> dict[str, int]:
    """Name and address of functions, objects and labels; globals win over locals of the same name."""
    symbols: dict[str, int] = {}
    names_global = set()
    order = "<" if elf.is_little else ">"
    layout = struct.Struct(order + ("IIIBBH" if elf.elf_class == 32 else "IBBHQQ"))
    for section in elf.sections:
        if section.type not in (SHT_SYMTAB, SHT_DYNSYM) or section.link >= len(elf.sections):
            continue
        names, table = elf.data(elf.sections[section.link]), elf.data(section)
        for fields in layout.iter_unpack(table[: len(table) - len(table) % layout.size]):
            if elf.elf_class == 32:
                name_at, value, _, info, _, place_of = fields
            else:
                name_at, info, _, place_of, value, _ = fields
            name = names[name_at : max(names.find(b"\0", name_at), name_at)].decode("latin-1")
            kind, binding = info & 0xF, info >> 4
            # Arm's mapping symbols ($a, $t, $d) mark places, they name nothing.
            if not name or name.startswith("$") or kind in (_STT_SECTION, _STT_FILE):
                continue
            if place_of == _SHN_UNDEF or name in names_global:
                continue
            if binding != _STB_LOCAL:
                names_global.add(name)
            elif name in symbols:
                continue
            symbols[name] = value
    return symbols

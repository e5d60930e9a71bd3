"""Writes ELF executables of 32 and 64 bits in either byte order.

Source: System V ABI, chapter 4 "Object Files"; machine number and flags come from the description.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from ..target.seam import Target
from ..target.traits import ElfTraits
from .build_attributes import build_attributes
from .dwarf_frame import write_frames
from .dwarf_info import write_debug_sections
from .elf_parts import (
    ARRAY_TYPES,
    SHT_PROGBITS,
    SectionHeader,
    append_tables,
    file_header,
    header_sizes,
    section_flags,
    section_type,
)
from .program import ImageSection, Program

ET_EXEC = 2
PT_LOAD = 1
_KEPT_FLAGS = "awxToR"
PF_X, PF_W, PF_R = 1, 2, 4
SEGMENT_ALIGNMENT = 0x1000
"""Offset in the file and address agree modulo a page, as loaders that map files need it."""


def executable(program: Program, target: Target) -> bytes:
    """The ELF file of a program, with its debug information."""
    unit = min(s.alignment for s in target.instruction_sets)
    address_size = target.elf.bits // 8
    debug = {name: bytes(data) for name, data in write_debug_sections(program, unit, address_size).items()}
    if program.frames and target.dwarf is not None:
        debug[".debug_frame"] = bytes(
            write_frames(program.frames, target.dwarf, unit, program.big_endian, address_size))
    return write_elf(program, debug, target.elf)


def write_elf(program: Program, debug: Mapping[str, bytes], traits: ElfTraits) -> bytes:
    """The ELF file of a program; `debug` maps names of debug sections to their contents."""
    order = ">" if program.big_endian else "<"
    wide = traits.bits == 64
    header_size, segment_size = header_sizes(wide)
    loads = segments_of(program.sections)
    out = bytearray(header_size + segment_size * len(loads))
    headers = [SectionHeader("", 0, 0, 0, 0, 0, alignment=0)]
    segments: list[bytes] = []
    for sections in loads:
        first, filled = sections[0], [s for s in sections if not s.nobits]
        if filled:
            out += bytes((first.address - len(out)) % SEGMENT_ALIGNMENT)
        start = len(out)
        for section in sections:
            if not section.nobits:
                # What lies between two sections of a segment is zeros in the file, too.
                out += bytes(start + section.address - first.address - len(out))
            headers.append(_header(section, len(out), traits.bits // 8))
            out += section.data
        last = sections[-1]
        segments.append(_segment(first, start, len(out) - start, last.address + last.size - first.address, order, wide))
    for other in program.other_sections:
        headers.append(SectionHeader(other.name, section_type(other.kind, False), 0, 0, len(out), len(other.data),
                               alignment=other.alignment))
        out += other.data
    for name, data in debug.items():
        headers.append(SectionHeader(name, SHT_PROGBITS, 0, 0, len(out), len(data)))
        out += data
    if traits.attributes is not None:
        asked = traits.attributes
        data = build_attributes(asked, program.big_endian)
        headers.append(SectionHeader(asked.section, asked.section_type, 0, 0, len(out), len(data)))
        out += data
    places = {header.name: number for number, header in enumerate(headers)}
    owners = {section.name: places.get(section.linked_to, 0) for section in program.sections}
    headers = [replace(header, link=owners.get(header.name, 0)) for header in headers]
    table_offset = append_tables(out, headers, program.symbols, order, wide)
    out[:header_size] = file_header(ET_EXEC, traits, program.big_endian, program.entry, len(loads), table_offset,
                                    len(headers), program.flags)
    out[header_size : header_size + segment_size * len(segments)] = b"".join(segments)
    return bytes(out)


def _header(section: ImageSection, offset: int, address_size: int) -> SectionHeader:
    """A section of memory; what only a linker needs to know of it (groups, entries that can be merged) is left out."""
    flags = "".join(letter for letter in section.flags if letter in _KEPT_FLAGS)
    kind = section_type(section.kind, section.nobits)
    entry = address_size if kind in ARRAY_TYPES else 0
    return SectionHeader(section.name, kind, section_flags(flags), section.address, offset, section.size,
                         alignment=section.alignment, entry_size=entry)


def segments_of(sections: Iterable[ImageSection]) -> list[list[ImageSection]]:
    """The sections that go into one segment: neighbours with the same permissions that share a page of memory.

    Loaders that map files by pages would put the second one's page over the first one's else.
    """
    found: list[list[ImageSection]] = []
    for section in sections:
        if not section.size:
            continue
        before = found[-1][-1] if found else None
        if before is not None and _permissions(before) == _permissions(section):
            end = before.address + before.size
            shares_page = section.address // SEGMENT_ALIGNMENT <= (end - 1) // SEGMENT_ALIGNMENT
            if shares_page and end <= section.address and (section.nobits or not before.nobits):
                found[-1].append(section)
                continue
        found.append([section])
    return found


def _permissions(section: ImageSection) -> int:
    return PF_R | (PF_W if "w" in section.flags else 0) | (PF_X if "x" in section.flags else 0)


def _segment(first: ImageSection, offset: int, in_file: int, size: int, order: str, wide: bool) -> bytes:
    flags = _permissions(first)
    alignment = SEGMENT_ALIGNMENT if in_file else 1
    if wide:
        return struct.pack(order + "IIQQQQQQ", PT_LOAD, flags, offset, first.address, first.address,
                           in_file, size, alignment)
    return struct.pack(order + "IIIIIIII", PT_LOAD, offset, first.address, first.address, in_file,
                       size, flags, alignment)



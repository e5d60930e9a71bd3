"""Assembles a source into a relocatable object: first pass, sizes, emission, symbols, ELF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..isa.errors import TraplineError
from .first_pass import first_pass
from .layout.assembly import Assembly
from .layout.options import Reading
from .layout.placing import check_sizes, check_total, measure_apart
from .layout.relaxing import Wrap
from .layout.sections import Code, Section
from .objects.build_attributes import build_attributes
from .outputs.listing import listing
from .relocatable.arm import Arm
from .relocatable.debug_sections import debug_sections, frame_symbols
from .relocatable.emission import ObjectEmitter
from .relocatable.object_symbols import ABSOLUTE, STT_FILE, ObjectSymbol, group_symbols, object_symbols
from .relocatable.power64 import Power64
from .relocatable.styles import Style
from .relocatable.values import SECTION_SPACING, ObjectValues
from .relocatable.writer import ObjectContents, ObjectWriter
from .target.seam import Pending, Target
from .target.traits import BuildAttributes
from .text.diagnostics import Diagnostic, Place, SourceError, TooManyErrors
from .text.source import Source

_STYLES: Final[dict[tuple[int, int], type[Power64] | type[Arm]]] = {(21, 64): Power64, (40, 32): Arm}
"""By ELF's number of the machine (EM_PPC64, EM_ARM) and the width of addresses."""
SHT_GNU_ATTRIBUTES = 0x6FFFFFF5
_STANDARD = (".text", ".data", ".bss")
"""Sections that every object has, as other assemblers write it."""


def style_of(target: Target) -> Style:
    """The ABI's relocations.  Raises TraplineError for a machine whose ABI is not known here."""
    found = _STYLES.get((target.elf.machine, target.elf.bits))
    if found is None:
        raise TraplineError(f"relocatable objects cannot be written for {target.name}",
                            "leave -c away: its sources can be assembled into one program")
    return found()


class RelocatableObject(Struct, frozen=True):
    """An ELF relocatable object, and what `Image` says beside a program."""

    elf: bytes
    notices: tuple[Diagnostic, ...]
    read_files: tuple[Path, ...]
    listing: str
    placements: Mapping[str, tuple[int, Place]]
    """Where the source wants sections (`.place`), for a link that follows."""
    memory: tuple[tuple[int, int], ...]


def assemble_object(
    source: Source, target: Target, big_endian: bool | None = None, reading: Reading | None = None,
    is_linked: bool = False
) -> RelocatableObject:
    """The ELF object of one source; `is_linked` says that we link it ourselves, so that `.place` has a meaning.

    Raises AssemblyErrors with everything that is wrong, in the order in which it was found; TraplineError for a
    machine whose ABI is not known here.
    """
    style = style_of(target)
    assembly = Assembly(target, target.elf.big_endian if big_endian is None else big_endian, reading)
    for name in _STANDARD:
        assembly.enter_section(name)
    first_pass([source], assembly)
    try:
        contents = _emit(assembly, style, is_linked)
    except TooManyErrors:
        assembly.reporter.raise_if_any()
        raise
    assembly.reporter.raise_if_any()
    elf = ObjectWriter(contents, target.elf, style, assembly.big_endian).write()
    text = listing(assembly, {section.key: data for section, data in contents.sections}, False)
    return RelocatableObject(elf, tuple(assembly.notices), tuple(assembly.read_files), text,
                             dict(assembly.placements), tuple(assembly.memory))


def _emit(assembly: Assembly, style: Style, is_linked: bool) -> ObjectContents:
    measure_apart(assembly, SECTION_SPACING, _open_size)
    check_total(assembly)
    if assembly.placements and not is_linked:
        place = next(iter(assembly.placements.values()))[1]
        assembly.reporter.add(Diagnostic(".place has no meaning in an object: a linker places its sections", place,
                                         "give the place to the linker, or leave -c away"))
    emitter = ObjectEmitter(assembly, style)
    sections: list[tuple[Section, bytes]] = []
    for section in assembly.sections.values():
        check_sizes(section, assembly)
        sections.append((section, emitter.section(section).data))
    for asked_for in assembly.wanted_relocations:
        emitter.add_wanted(asked_for)
    named = {id(r.symbol) for some in emitter.relocations.values() for r in some if r.symbol is not None}
    named |= frame_symbols(assembly, emitter, style)
    groups: dict[str, list[Section]] = {}
    for section, _ in sections:
        if section.group:
            groups.setdefault(section.group, []).append(section)
    files = [ObjectSymbol(name, 0, 0, 0, STT_FILE, 0, ABSOLUTE) for name in assembly.file_symbols]
    symbols = files + _mapping_symbols(emitter, assembly) + object_symbols(assembly, named, emitter.absolute)
    symbols += group_symbols(groups, symbols)
    relocations = {name: list(some) for name, some in emitter.relocations.items()}
    contents = {id(section): data for section, data in sections}
    for made in debug_sections(assembly, emitter, symbols, style):
        contents[id(made.section)] = contents.get(id(made.section), b"") + made.data
        relocations.setdefault(made.section.key, []).extend(made.relocations)
    sections = [(section, contents[id(section)]) for section in assembly.sections.values()]
    extra = []
    asked = assembly.target.elf.attributes
    if asked is not None:
        extra.append((asked.section, asked.section_type, build_attributes(asked, assembly.big_endian)))
    if assembly.gnu_attributes:
        tags = tuple(sorted(assembly.gnu_attributes.items()))
        wanted = BuildAttributes(".gnu.attributes", SHT_GNU_ATTRIBUTES, "gnu", tags)
        extra.append((wanted.section, wanted.section_type, build_attributes(wanted, assembly.big_endian)))
    return ObjectContents(sections, relocations, symbols, extra, assembly.abi_version, groups)


def _mapping_symbols(emitter: ObjectEmitter, assembly: Assembly) -> list[ObjectSymbol]:
    found = []
    for one in emitter.mapping:
        section = assembly.sections[one.section]
        found.append(ObjectSymbol(one.name, one.value - (section.address or 0), 0, 0, 0, 0, section))
    return found


def _open_size(item: Code, content: Pending, section: Section, assembly: Assembly, wrap: Wrap) -> int:
    """The size of an instruction; what a linker fills in gets the longest encoding, which reaches farthest."""
    values = wrap(ObjectValues(assembly.symbols, section, item.offset, None))
    try:
        return len(content.encode((section.address or 0) + item.offset, values, content.sizes[0]))
    except SourceError:
        return content.sizes[-1]

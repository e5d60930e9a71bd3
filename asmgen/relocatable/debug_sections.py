"""Debug information of an object: what is made of its lines and call frames, with relocations for its places."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..layout.assembly import Assembly
from ..layout.sections import Section
from ..layout.symbol import Symbol
from ..objects.dwarf_bytes import DwarfBytes
from ..objects.dwarf_frame import FRAME_ALIGNMENT, write_frames
from ..objects.dwarf_info import write_debug_sections
from ..objects.dwarf_loc import write_loc_lines
from ..objects.frame_entries import told_entries
from ..objects.program import ImageSymbol, Program
from ..target.byte_order import byte_order
from ..text.diagnostics import SourceError
from .emission import ObjectEmitter, Relocation
from .object_symbols import ObjectSymbol
from .styles import Style
from .values import SECTION_SPACING

_LINES = ".debug_line"


class MadeSection(Struct, frozen=True):
    """Contents that go behind what the source itself put into `section`, and their relocations."""

    section: Section
    data: bytes
    relocations: tuple[Relocation, ...]


def debug_sections(
    assembly: Assembly, emitter: ObjectEmitter, symbols: list[ObjectSymbol], style: Style
) -> list[MadeSection]:
    """The sections: a compiler's own lines where it tells some, else lines of the source; call frames.

    New sections are entered into the assembly.
    """
    unit = min(s.alignment for s in assembly.target.instruction_sets)
    size = assembly.target.elf.bits // 8
    made: dict[str, DwarfBytes] = {}
    if assembly.line_table.rows:
        made[_LINES] = write_loc_lines(assembly.line_table, unit, assembly.big_endian, size)
    elif not any(name.startswith(".debug_") for name in assembly.sections):
        made.update(write_debug_sections(_program(assembly, emitter, symbols), unit, size))
    for name in _frame_sections(assembly):
        entries = told_entries(assembly)
        traits = assembly.target.dwarf
        if entries and traits is not None:
            made[name] = write_frames(entries, traits, unit, assembly.big_endian, size, name == ".eh_frame", 1)
    by_number = {(s.address or 0) >> SECTION_SPACING: s for s in assembly.sections.values()}
    sections = {name: assembly.enter_section(name, "a" if name == ".eh_frame" else "") for name in made}
    for name in made.keys() & {".eh_frame", ".debug_frame"}:
        sections[name].alignment = max(sections[name].alignment, FRAME_ALIGNMENT)
    return [_made(sections[name], data, sections, by_number, style, emitter) for name, data in made.items()]


def frame_symbols(assembly: Assembly, emitter: ObjectEmitter, style: Style) -> set[int]:
    """The symbols (by identity) that call frames name for whoever unwinds; what is wrong goes to the reporter."""
    found: set[int] = set()
    for frame in assembly.frames:
        for pointer in (frame.personality, frame.data):
            if pointer is not None:
                try:
                    symbol, _, _ = emitter.named(pointer.value, style.data(4, "", False, ""))
                except SourceError as error:
                    frame.personality = frame.data = None
                    assembly.report(frame.place, error)
                    break
                if symbol is not None:
                    found.add(id(symbol))
    return found


def _frame_sections(assembly: Assembly) -> tuple[str, ...]:
    return (".eh_frame",) if assembly.frame_sections is None else assembly.frame_sections


def _program(assembly: Assembly, emitter: ObjectEmitter, symbols: list[ObjectSymbol]) -> Program:
    """The object as writers of debug information see programs, with stand-ins for addresses."""
    functions = [
        ImageSymbol(s.name, (s.section.address or 0) + s.value, s.size, "global" if s.binding else "local", "function",
                    s.section.name)
        for s in symbols if isinstance(s.section, Section) and s.source is not None and s.source.kind == "function"
    ]
    return Program((), (), tuple(functions), tuple(emitter.lines), tuple(emitter.files), (), 0, assembly.big_endian)


def _made(section: Section, data: DwarfBytes, sections: Mapping[str, Section], by_number: Mapping[int, Section],
          style: Style, emitter: ObjectEmitter) -> MadeSection:
    start = section.size
    contents = bytearray(data)
    found: list[Relocation] = []
    for mark in data.marks:
        symbol: Symbol | None = None
        wanted = style.data(mark.width, "", mark.is_relative, "")
        target: Section | None
        if mark.expression is not None:
            symbol, target, addend = emitter.named(mark.expression, wanted)
        elif mark.section:
            target, addend = sections[mark.section], mark.value
        else:
            target, addend = by_number[mark.value >> SECTION_SPACING], mark.value & ((1 << SECTION_SPACING) - 1)
        found.append(Relocation(start + mark.offset, style.prefix + wanted.name, symbol, target, addend))
        kept = 0 if style.has_addends else addend
        contents[mark.offset : mark.offset + mark.width] = kept.to_bytes(mark.width, byte_order(data.big_endian))
    section.size += len(contents)
    return MadeSection(section, bytes(contents), tuple(found))

"""Assembles sources into an image: first pass, layout, emission, ELF and DWARF."""

from __future__ import annotations

from collections.abc import Sequence

from .assembly import Assembly, first_pass
from .diagnostics import TooManyErrors
from .dwarf_frame import write_frames
from .dwarf_info import write_debug_sections
from .elf import write_elf
from .emit import Emitter, entry_address, frame_entries, image_symbols
from .image import Image, Program
from .layout import check_sizes, lay_out
from .source import Source
from .target import Layout, Target


def assemble(sources: Sequence[Source], target: Target, layout: Layout | None = None) -> Image:
    """The program that the sources make together.

    Raises AssemblyErrors with everything that is wrong, in the order in which it was found.
    """
    layout = layout or Layout()
    big_endian = target.elf.big_endian if layout.big_endian is None else layout.big_endian
    assembly = Assembly(target, big_endian)
    first_pass(list(sources), assembly)
    try:
        lay_out(assembly, layout)
        for section in assembly.sections.values():
            check_sizes(section, assembly)
        program = _emit(assembly, layout)
    except TooManyErrors:
        assembly.reporter.raise_if_any()
        raise
    assembly.reporter.raise_if_any()
    return Image(program, link(program, target))


def _emit(assembly: Assembly, layout: Layout) -> Program:
    emitter = Emitter(assembly)
    used = [s for s in assembly.sections.values() if s.size or s.items]
    placed = sorted((s for s in used if s.allocated), key=lambda s: (s.address or 0, s.order))
    images = [emitter.section(s) for s in placed]
    others = [emitter.section(s) for s in used if not s.allocated]
    symbols = image_symbols(assembly)
    entry = entry_address(assembly, layout.entry, placed)
    frames = frame_entries(assembly, placed, symbols, entry)
    return Program(tuple(images), tuple(others), (*emitter.mapping, *symbols), tuple(emitter.lines),
                   tuple(emitter.files), tuple(frames), entry, assembly.big_endian)


def link(program: Program, target: Target) -> bytes:
    """The ELF file of a program, with its debug information."""
    unit = min(s.alignment for s in target.instruction_sets)
    address_size = target.elf.bits // 8
    debug = write_debug_sections(program, unit, address_size)
    if program.frames and target.dwarf is not None:
        debug[".debug_frame"] = write_frames(program.frames, target.dwarf, unit, program.big_endian, address_size)
    return write_elf(program, debug, target.elf)

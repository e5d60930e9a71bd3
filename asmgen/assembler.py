"""Assembles sources into an image: first pass, layout, emission, ELF and DWARF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .first_pass import first_pass
from .instructions.described import DescribedTarget
from .layout.assembly import Assembly
from .layout.options import Layout, Reading
from .layout.placing import check_sizes, check_total, lay_out
from .objects.emission import program_of
from .objects.executable import executable
from .objects.image import Image
from .outputs.listing import listing
from .target.seam import Target
from .text.diagnostics import TooManyErrors
from .text.source import Source


def assemble(
    sources: Sequence[Source], target: Target, layout: Layout | None = None, reading: Reading | None = None
) -> Image:
    """The program that the sources make together.

    Raises AssemblyErrors with everything that is wrong, in the order in which it was found.
    """
    layout = layout or Layout()
    big_endian = target.elf.big_endian if layout.big_endian is None else layout.big_endian
    assembly = Assembly(target, big_endian, reading)
    first_pass(list(sources), assembly)
    if isinstance(target, DescribedTarget) and _is_linkers_matter(sources, assembly):
        assembly.reporter.raise_if_any()
        from .link_files import link_files

        # What an object keeps for a linker (rows of `.loc`, a table of contents) is made and linked in one step.
        return link_files([(Path(source.name), source) for source in sources], target, layout, reading or Reading())
    try:
        lay_out(assembly, layout)
        check_total(assembly)
        for section in assembly.sections.values():
            check_sizes(section, assembly)
        program = program_of(assembly, layout.entry)
    except TooManyErrors:
        assembly.reporter.raise_if_any()
        raise
    assembly.reporter.raise_if_any()
    return Image(program, executable(program, target), tuple(assembly.notices), tuple(assembly.read_files),
                 listing(assembly, {s.name: s.data for s in (*program.sections, *program.other_sections)}, True))


def _is_linkers_matter(sources: Sequence[Source], assembly: Assembly) -> bool:
    """Whether sources ask for what stands in objects alone: rows of `.loc`, relocations, a table of contents."""
    return (assembly.line_table.begun is not None
            or any(frame.personality is not None or frame.data is not None for frame in assembly.frames)
            or any(not wanted.name.endswith("_NONE") and not wanted.is_hint for wanted in assembly.wanted_relocations)
            or any(mark in source.text for source in sources for mark in _TABLE_OF_CONTENTS))


_TABLE_OF_CONTENTS = (".TOC.", "@toc", "@got", "@tprel", "@dtprel")
"""What sources for 64-bit Power name it by (ELFv1 and ELFv2 ABI, "TOC")."""

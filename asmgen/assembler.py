"""Assembles sources into an image: first pass, layout, emission, ELF and DWARF."""

from __future__ import annotations

from collections.abc import Sequence

from .first_pass import first_pass
from .layout.assembly import Assembly
from .layout.options import Layout, Reading
from .layout.placing import check_sizes, check_total, lay_out
from .objects.emission import program_of
from .objects.executable import executable
from .objects.image import Image
from .outputs.listing import listing
from .target.seam import Target
from .text.diagnostics import Diagnostic, TooManyErrors
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
    if assembly.line_table.begun is not None:
        assembly.notices.append(Diagnostic(
            "a program that is made in one step has the lines of its sources, and none that .loc tells",
            assembly.line_table.begun, "assemble with -c, and link the object", "warning"))
    try:
        for wanted in assembly.wanted_relocations:
            if not wanted.name.endswith("_NONE"):
                assembly.reporter.add(Diagnostic(
                    f"{wanted.name} is a linker's matter", wanted.statement.place(wanted.column),
                    "assemble the file with -c, and link its object"))
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

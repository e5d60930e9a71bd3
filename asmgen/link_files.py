"""Links sources, objects and archives: what each file is, its own first bytes decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from ..isa.errors import TraplineError
from .instructions.described import DescribedTarget
from .layout.options import Layout, Reading
from .linking.archives import members
from .linking.files import is_archive, is_object
from .linking.link import Inputs, Linker, relocation_names
from .linking.modules import LinkError
from .linking.objects import read_object
from .linking.reused import ReusedObject
from .object_assembler import assemble_object, style_of
from .objects.executable import SEGMENT_ALIGNMENT, executable
from .objects.image import Image
from .text.diagnostics import Diagnostic
from .text.source import Source


def link_files(
    files: Sequence[tuple[Path, Source | bytes | ReusedObject]],
    target: DescribedTarget,
    layout: Layout,
    reading: Reading,
) -> Image:
    """The program that sources, objects and archives make together.

    Raises AssemblyErrors for what is wrong in sources or between files, TraplineError for a file that cannot be read.
    """
    big_endian = target.elf.big_endian if layout.big_endian is None else layout.big_endian
    names = relocation_names(style_of(target).numbers)
    inputs = Inputs()
    notices: list[Diagnostic] = []
    read: list[Path] = []
    listing = ""
    try:
        for path, content in files:
            if isinstance(content, Source):
                made = assemble_object(content, target, big_endian, reading, is_linked=True)
                inputs.modules.append(read_object(content.name, made.elf, target.elf, big_endian, names))
                inputs.placements.update(made.placements)
                inputs.memory.extend(made.memory)
                notices += made.notices
                read += made.read_files
                listing += made.listing
            elif isinstance(content, ReusedObject):
                inputs.modules.append(content.fresh())
            elif is_archive(content):
                inputs.archives.append([read_object(name, data, target.elf, big_endian, names)
                                        for name, data in members(str(path), content) if is_object(data)])
            else:
                inputs.modules.append(read_object(str(path), content, target.elf, big_endian, names))
    except LinkError as error:
        raise TraplineError(error.message, error.hint) from error
    # Compilers' programs are loaded by whoever maps pages.
    program = Linker(target, big_endian, replace(layout, page=SEGMENT_ALIGNMENT)).run(inputs)
    return Image(program, executable(program, target), tuple(notices), tuple(read), listing)


def reused_object(name: str, data: bytes, target: DescribedTarget, big_endian: bool) -> ReusedObject:
    """An object that many links take, for `link_files`. Raises TraplineError for a file that cannot be read."""
    try:
        return ReusedObject(read_object(name, data, target.elf, big_endian, relocation_names(style_of(target).numbers)))
    except LinkError as error:
        raise TraplineError(error.message, error.hint) from error

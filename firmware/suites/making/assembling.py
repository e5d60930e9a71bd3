"""A test's source and its guest library as one ELF file. The library is assembled once for all tests of a suite."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ....asmgen import DescribedTarget, Image, Layout, Source
from ....asmgen.layout.options import Reading
from ....asmgen.link_files import link_files, reused_object
from ....asmgen.linking.reused import ReusedObject
from ....asmgen.object_assembler import assemble_object
from .guests import LIBRARY, GuestLibrary


class Linked:
    """Makes tests of one library for one core."""

    def __init__(self, target: DescribedTarget, library: GuestLibrary) -> None:
        self._target = target
        self._library = library
        self._layout = Layout(base=library.base, placements=library.placements)

    def prepare(self) -> None:
        """Assembles the library.  Raises AssemblyErrors for what is wrong in it, which is no single test's fault."""
        _ = self._objects

    def image(self, name: str, text: str) -> Image:
        """The test `name.s`, linked with its library.  Raises AssemblyErrors for what is wrong in its text."""
        test = Source(f"{name}.s", text, LIBRARY)
        files: list[tuple[Path, Source | bytes | ReusedObject]] = [*self._objects, (Path(test.name), test)]
        return link_files(files, self._target, self._layout, Reading())

    @cached_property
    def _objects(self) -> list[tuple[Path, ReusedObject]]:
        made = []
        for name in self._library.sources:
            # Under its bare name: no folder of this machine shall stand in the debug information.
            source = Source(name, (LIBRARY / name).read_text(encoding="utf-8"), LIBRARY)
            is_big = self._library.order == "big"
            elf = assemble_object(source, self._target, is_big, None, is_linked=True).elf
            made.append((Path(name), reused_object(name, elf, self._target, is_big)))
        return made

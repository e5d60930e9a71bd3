"""What comes out of an assembly: the laid-out program and its ELF file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..text.diagnostics import Diagnostic
from .program import ImageSection, Program


@dataclass(frozen=True)
class Image:
    """A linked program and its ELF file; sections are in order of address."""

    program: Program
    elf: bytes
    notices: tuple[Diagnostic, ...] = ()
    """Warnings and messages of the sources (`.warning`, `.print`)."""
    read_files: tuple[Path, ...] = ()
    """What `.include` and `.incbin` read."""
    listing: str = ""
    """Bytes beside the source, if that was wanted (`Reading.is_listed`)."""

    @property
    def entry(self) -> int:
        """Where it starts."""
        return self.program.entry

    @property
    def sections(self) -> tuple[ImageSection, ...]:
        """What occupies memory."""
        return self.program.sections

    @cached_property
    def symbols(self) -> Mapping[str, int]:
        """Name to value: of a local name that several files use, the first one's; globals win."""
        ranks = {"local": 0, "weak": 1, "global": 2}
        found: dict[str, tuple[int, int]] = {}
        for symbol in self.program.symbols:
            rank = ranks[symbol.binding]
            if symbol.kind != "mapping" and (symbol.name not in found or rank > found[symbol.name][0]):
                found[symbol.name] = rank, symbol.value
        return {name: value for name, (_, value) in found.items()}

    @cached_property
    def segments(self) -> tuple[tuple[int, bytes], ...]:
        """(address, bytes) of all that has to be in memory; sections without contents as zeros."""
        return tuple((s.address, bytes(s.size) if s.nobits else s.data) for s in self.sections if s.size)

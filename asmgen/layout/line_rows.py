"""Lines that a compiler tells of its code (`.file NUMBER`, `.loc`)."""

from __future__ import annotations

from msgspec import Struct, field

from ..text.diagnostics import Place
from .sections import Mark, Section


class LocRow(Struct, frozen=True):
    """From `mark` of `section` on code comes from `line` and `column` of file number `file`."""

    section: Section
    mark: Mark
    file: int
    line: int
    column: int
    is_stmt: bool
    flags: frozenset[str]
    """basic_block, prologue_end, epilogue_begin."""
    discriminator: int


class LineTable(Struct):
    """What a source says of lines."""

    files: dict[int, str] = field(default_factory=dict)
    rows: list[LocRow] = field(default_factory=list)
    begun: Place | None = None
    """The first `.loc`."""
    is_stmt: bool = True
    """Sticky: rows that do not say it are as the one before."""

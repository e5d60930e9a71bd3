"""Call-frame information: what `.cfi_*` directives say, kept until the sections have addresses."""

from __future__ import annotations

from msgspec import Struct, field

from ..text.diagnostics import Place
from .sections import Mark, Section


class FrameRule(Struct, frozen=True):
    """One rule from `mark` on: DWARF's operation name and its operands (DWARF 4, 6.4.2)."""

    mark: Mark
    operation: str
    register: int = 0
    value: int = 0
    data: bytes = b""
    """The bytes of an operation that a source spells out (`.cfi_escape`)."""


class FrameFunction(Struct):
    """The code between `.cfi_startproc` and `.cfi_endproc`."""

    section: Section
    start: Mark
    place: Place
    end: Mark | None = None
    return_column: int | None = None
    rules: list[FrameRule] = field(default_factory=list)
    cfa_offset: int = 0
    """The present offset of the frame address, which `.cfi_adjust_cfa_offset` changes."""
    remembered: list[int] = field(default_factory=list)
    is_signal_frame: bool = False
    is_simple: bool = False
    """Whether nothing is said of the frame at the function's start (`.cfi_startproc simple`)."""

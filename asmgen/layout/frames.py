"""Call-frame information: what `.cfi_*` directives say, kept until the sections have addresses."""

from __future__ import annotations

from msgspec import Struct, field

from ..expressions.tree import Expression
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


class FramePointer(Struct, frozen=True):
    """What an unwinder is told of: how it is encoded (DW_EH_PE_*; LSB Core, 10.5.1), and where it is."""

    encoding: int
    value: Expression


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
    personality: FramePointer | None = None
    """The routine that is asked on the way up (`.cfi_personality`)."""
    data: FramePointer | None = None
    """What it looks into (`.cfi_lsda`)."""
    is_simple: bool = False
    """Whether nothing is said of the frame at the function's start (`.cfi_startproc simple`)."""

"""What the user says about the layout of a program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from ..text.diagnostics import MAX_REPORTED


class Reading(Struct, frozen=True):
    """What the user says about how sources are read."""

    include_paths: tuple[Path, ...] = ()
    """Where `.include` and `.incbin` look behind the file's own directories."""
    definitions: Mapping[str, int] = field(default_factory=dict)
    """Names that have a value before the first line, as by `.set`."""
    max_errors: int = MAX_REPORTED
    """Errors after which a run stops."""
    is_listed: bool = False
    """Whether a listing is wanted: which bytes a statement made is remembered."""
    is_quick: bool = True
    """Whether lines whose shapes are known are taken by plan (`quick_pass`); what comes out is the same."""
    has_implicit_blocks: bool = False
    """Whether conditional blocks that a source leaves out are opened for its instructions (T32's IT)."""
    is_divided: bool | None = None
    """Whether sources begin in divided syntax (Arm); None: as the description says. `.syntax` has the last word."""


class Layout(Struct, frozen=True):
    """Where things go: the first section at `base`, or sections at addresses of their own.

    `memory` lists (origin, length) of what may be occupied; empty means everything.
    """

    base: int = 0
    placements: Mapping[str, int] = field(default_factory=dict)
    memory: tuple[tuple[int, int], ...] = ()
    entry: str = "_start"
    page: int = 0
    """Sections with other permissions than the one before begin at a multiple of this; 0 packs them."""
    big_endian: bool | None = None
    """None takes the byte order of the description."""

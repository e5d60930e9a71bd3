"""Relocations that a source asks for by name."""

from __future__ import annotations

from msgspec import Struct

from ..expressions.tree import Expression
from ..text.source import Statement
from .sections import Section


class WantedRelocation(Struct, frozen=True):
    """`.reloc PLACE, NAME, VALUE`: the relocation `name` at a place of `section` against a value (None: nothing)."""

    section: Section
    place: Expression
    name: str
    value: Expression | None
    statement: Statement
    column: int
    """Where the name stands in the statement."""
    is_hint: bool = False
    """Whether it only tells a linker what stands there: nothing is lacking without it."""

"""What a statement made, for listings."""

from __future__ import annotations

from msgspec import Struct

from ..text.source import SourceLine
from .sections import Mark, Section


class ListedStatement(Struct, frozen=True):
    """The bytes from `start` to `end` of `section` come from `line`."""

    line: SourceLine
    section: Section
    start: Mark
    end: Mark

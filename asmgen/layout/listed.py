"""What a statement made, for listings."""

from __future__ import annotations

from dataclasses import dataclass

from ..text.source import SourceLine
from .sections import Mark, Section


@dataclass(frozen=True, slots=True)
class ListedStatement:
    """The bytes from `start` to `end` of `section` come from `line`."""

    line: SourceLine
    section: Section
    start: Mark
    end: Mark

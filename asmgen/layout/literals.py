"""Literal pools: constants and addresses that `ldr rX, =value` loads from near the code."""

from __future__ import annotations

from msgspec import Struct, field

from ..expressions.tree import Expression
from ..text.source import Statement
from .sections import Datum, PoolStart, Section
from .symbols import SymbolTable


class LiteralPool(Struct):
    """Literals waiting to be placed; equal ones share an entry.

    Each has a label, and the statement and column that asked for it first (errors point there).
    """

    entries: dict[Expression, tuple[str, Statement, int]] = field(default_factory=dict)

    def place(self, section: Section, size: int, symbols: SymbolTable) -> None:
        """Put the entries, aligned to their `size` in bytes, at the end of `section`."""
        section.pad(size, b"\0", size)
        section.append(PoolStart(), 0)
        for value, (label, statement, column) in self.entries.items():
            symbols.define_label(label, section, statement.place(), 0)
            section.append(Datum(value, size, statement, column), size)

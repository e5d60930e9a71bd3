"""Literal pools: constants and addresses that `ldr rX, =value` loads from near the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .expressions import Expression, Number, SymbolRef, with_here
from .macros import split_arguments
from .sections import Datum, Section
from .source import Statement
from .symbols import SymbolTable

if TYPE_CHECKING:
    from .assembly import Assembly


@dataclass(slots=True)
class LiteralPool:
    """Literals waiting to be placed; equal ones share an entry.

    Each has a label, and the statement and column that asked for it first (errors point there).
    """

    entries: dict[Expression, tuple[str, Statement, int]] = field(default_factory=dict)

    def place(self, section: Section, size: int, symbols: SymbolTable) -> None:
        """Put the entries, aligned to their `size` in bytes, at the end of `section`."""
        section.pad(size, b"\0", size)
        for value, (label, statement, column) in self.entries.items():
            symbols.define_label(label, section, statement.place(), 0)
            section.append(Datum(value, size, statement, column), size)


def literal_operand(assembly: Assembly, statement: Statement) -> str:
    """The operands of `statement` with `=value` replaced by the label of its literal.

    Raises SourceError if the value cannot be read.
    """
    rest = statement.rest
    for piece, offset in split_arguments(rest):
        if not piece.startswith("="):
            continue
        value = assembly.expressions.read_all(rest[: offset + len(piece)], offset + 1)
        if isinstance(value, Number):
            value = Number(value.value & ((1 << 8 * assembly.target.literal_size) - 1))
        here = assembly.symbols.here_label(assembly.section, statement.place())
        value = with_here(value, SymbolRef(here, 0, assembly.symbols.scope))
        label = f".Lliteral${assembly.next_serial()}"
        entry = assembly.literals(assembly.section).entries.setdefault(value, (label, statement, offset + 1))
        return rest[:offset] + entry[0] + rest[offset + len(piece) :]
    return rest

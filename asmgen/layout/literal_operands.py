"""Operands `=value`: each becomes the label of an entry in the literal pool."""

from __future__ import annotations

from ..expressions.tree import Number, SymbolRef, with_here
from ..text.arguments import split_arguments
from ..text.source import Statement
from .assembly import Assembly


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

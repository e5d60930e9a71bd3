"""`.reloc`: a relocation that the source spells out."""

from __future__ import annotations

from ..expressions.tree import Expression, SymbolRef, with_here
from ..layout.assembly import Assembly
from ..layout.wanted_relocations import WantedRelocation
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement


def reloc(assembly: Assembly, statement: Statement) -> None:
    """`.reloc PLACE, NAME, VALUE`: PLACE is an offset in this section, or a label's place; VALUE may be left out."""
    pieces = split_arguments(statement.rest)
    if not 2 <= len(pieces) <= 3 or not all(text for text, _ in pieces):
        raise SourceError(".reloc takes a place, the name of a relocation and a value", 0,
                          "write .reloc ., R_NAME, SYMBOL")
    place = _read(assembly, statement, *pieces[0])
    value = _read(assembly, statement, *pieces[2]) if len(pieces) == 3 else None
    assembly.wanted_relocations.append(
        WantedRelocation(assembly.section, place, pieces[1][0], value, statement, pieces[1][1]))


def _read(assembly: Assembly, statement: Statement, text: str, offset: int) -> Expression:
    here = assembly.symbols.here_label(assembly.section, statement.place())
    read = assembly.expressions.read_all(statement.rest[: offset + len(text)], offset)
    return with_here(read, SymbolRef(here, 0, assembly.symbols.scope))

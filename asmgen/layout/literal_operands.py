"""Operands `=value`: each becomes the label of an entry in the literal pool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from ..expressions.tree import LITERAL_LABEL, Number, SymbolRef, with_here
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
        label = f"{LITERAL_LABEL}{assembly.next_serial()}"
        entry = assembly.literals(assembly.section).entries.setdefault(value, (label, statement, offset + 1))
        return rest[:offset] + entry[0] + rest[offset + len(piece) :]
    return rest


_LOAD = re.compile(r"\s*(?P<register>%?[\w.]+)\s*,\s*=")


class LiteralMove(Struct, frozen=True):
    """A statement that may stand in the place of a load of a number, if it makes this instruction."""

    word: str
    rest: str
    instruction: str


def literal_moves(assembly: Assembly, statement: Statement) -> Iterator[LiteralMove]:
    """The moves that may do instead of a load of a number, in the order in which to try them."""
    moves = assembly.instruction_set.literal_moves
    hit = _LOAD.match(statement.rest) if moves else None
    word = statement.word.lower()
    if hit is None or not word.startswith(moves[0]):
        return
    value = assembly.expressions.read_all(statement.rest, hit.end())
    if not isinstance(value, Number):
        return
    mask = (1 << 8 * assembly.target.literal_size) - 1
    behind = word[len(moves[0]) :].removesuffix(".w")
    for move in moves[1:]:
        mnemonic, _, instruction = move.partition("=")
        stem, dot, width = mnemonic.lstrip("~").partition(".")
        number = (~value.value if mnemonic[0] == "~" else value.value) & mask
        yield LiteralMove(stem + behind + dot + width, f"{hit['register']}, #{number}", instruction)

"""Symbols that are defined by themselves, by way of others or not: each loop is one error."""

from __future__ import annotations

from collections.abc import Iterator

from ..expressions.tree import Number, SymbolRef, references_of
from ..text.diagnostics import Diagnostic, Reporter
from .symbol import Symbol
from .symbols import SymbolTable

SHOWN = 4
"""Symbols of a loop that its error names."""


def break_loops(symbols: SymbolTable, reporter: Reporter) -> None:
    """Report every loop of definitions, and give its symbols the value 0.

    What uses them is right but for the loop: it is not told again.  To be called when all files are joined.  Raises
    TooManyErrors when the reporter is full.
    """
    done: set[int] = set()
    for symbol in list(symbols.all_symbols()):
        while loop := _loop_from(symbol, symbols, done):
            reporter.add(_told(loop))
            # A loop goes through a name that is used before it has its value, and such a one has no other value.
            for one in loop:
                one.expression = Number(0)


def _loop_from(start: Symbol, symbols: SymbolTable, done: set[int]) -> list[Symbol]:
    """The symbols of a loop that `start` leads to, empty if there is none; `done` are definitions that lead to none.

    Definitions go by the identity of their expression, since a variable has one for each of its values.
    """
    if start.expression is None or id(start.expression) in done:
        return []
    path = [start]
    waiting: list[Iterator[SymbolRef]] = [iter(references_of(start.expression))]
    places = {id(start.expression): 0}
    while path:
        reference = next(waiting[-1], None)
        if reference is None:
            key = id(path.pop().expression)
            waiting.pop()
            del places[key]
            done.add(key)
            continue
        found = symbols.defined(reference)
        if found is None or found.expression is None or id(found.expression) in done:
            continue
        key = id(found.expression)
        if key in places:
            return path[places[key]:]
        places[key] = len(path)
        path.append(found)
        waiting.append(iter(references_of(found.expression)))
    return []


def _told(loop: list[Symbol]) -> Diagnostic:
    first, others = loop[0], loop[1:]
    hint = "give it a value that does not need its own"
    if others:
        shown = [f"'{one.name}' ({one.place})" for one in others[:SHOWN]]
        way = ", which needs ".join([*shown, "…"] if len(others) > SHOWN else shown)
        hint = f"'{first.name}' needs {way}, which needs '{first.name}'"
    return Diagnostic(f"'{first.name}' is defined by itself", first.place, hint)

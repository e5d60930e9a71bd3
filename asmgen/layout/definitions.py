"""What symbols are defined by, once all files are read: loops are found, and long ways become short ones.

A symbol that is another one plus a number, which is another one plus a number, and so on, is taken to stand at the last
one, so that a value is never far away and a mistake in it is told once.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Binary, Expression, Number, SymbolRef, references_of, symbol_plus, with_symbols
from ..expressions.values import NotKnownYet
from ..text.diagnostics import Diagnostic, Reporter, SourceError
from .symbol import Symbol
from .symbols import SymbolTable

SHOWN = 4
"""Symbols of a loop that its error names."""


def settle_definitions(symbols: SymbolTable, reporter: Reporter) -> None:
    """Report every loop of definitions and every one that has no value, and give its symbols the value 0.

    What uses them is right but for that: it is not told again.  To be called when all files are joined.  Raises
    TooManyErrors when the reporter is full.
    """
    done: set[int] = set()
    for symbol in list(symbols.all_symbols()):
        while loop := _loop_from(symbol, symbols, done, reporter):
            reporter.add(_told(loop))
            # A loop goes through a name that is used before it has its value, and such a one has no other value.
            for one in loop:
                one.expression = Number(0)


def _loop_from(start: Symbol, symbols: SymbolTable, done: set[int], reporter: Reporter) -> list[Symbol]:
    """The symbols of a loop that `start` leads to, empty if there is none; `done` are definitions that lead to none.

    What leads to none is settled on the way back.

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
            symbol = path.pop()
            waiting.pop()
            del places[id(symbol.expression)]
            _settle(symbol, symbols, reporter)
            done.add(id(symbol.expression))
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


def _settle(symbol: Symbol, symbols: SymbolTable, reporter: Reporter) -> None:
    """Give the definition its shortest form: a number, or a symbol plus a number; others stay."""

    def replaced(reference: SymbolRef) -> Expression:
        found = symbols.defined(reference)
        if found is None or found.is_lazy or found.expression is None:
            return reference
        further = symbol_plus(found.expression)
        if isinstance(found.expression, Number) or (further is not None and not further.modifier):
            # An error of it is told where this definition stands.
            return with_symbols(found.expression,
                                lambda one: SymbolRef(one.name, reference.offset, one.scope, one.version))
        return reference

    if symbol.expression is None or isinstance(symbol.expression, Number):
        return
    try:
        short = with_symbols(symbol.expression, replaced)
        pointed = symbol_plus(short)
        if pointed is not None and not pointed.modifier:
            addend = evaluate_number(pointed.addend, _unknown, None)
            symbol.expression = Binary("+", pointed.symbol, Number(addend)) if addend else pointed.symbol
        elif not references_of(short):
            symbol.expression = Number(evaluate_number(short, _unknown, None))
    except NotKnownYet:
        return
    except SourceError as error:
        if symbol.place is not None:
            reporter.add(Diagnostic(error.message, symbol.place, error.hint))
        symbol.expression = Number(0)


def _unknown(reference: SymbolRef) -> int:
    raise NotKnownYet(f"'{reference.name}' is not known yet")


def _told(loop: list[Symbol]) -> Diagnostic:
    first, others = loop[0], loop[1:]
    hint = "give it a value that does not need its own"
    if others:
        shown = [f"'{one.name}' ({one.place})" for one in others[:SHOWN]]
        way = ", which needs ".join([*shown, "…"] if len(others) > SHOWN else shown)
        hint = f"'{first.name}' needs {way}, which needs '{first.name}'"
    return Diagnostic(f"'{first.name}' is defined by itself", first.place, hint)

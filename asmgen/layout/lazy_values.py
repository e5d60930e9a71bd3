"""Values of `.eqv`, which are taken anew at each use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..expressions.tree import Expression, SymbolRef, with_symbols
from .symbol import Symbol


def as_of_now(
    expression: Expression, symbols: Mapping[str, Symbol], reference: Callable[[str, int], Expression], depth: int
) -> Expression:
    """An expression of `.eqv` with the values that its names have at this point.

    `reference` is what a name that is no such value stands for; values are followed `depth` deep.
    """

    def replaced(name: SymbolRef) -> Expression:
        symbol = symbols.get(name.name)
        if symbol is not None and symbol.is_lazy and symbol.expression is not None and depth:
            return as_of_now(symbol.expression, symbols, reference, depth - 1)
        return reference(name.name, name.offset) if depth else name

    return with_symbols(expression, replaced)

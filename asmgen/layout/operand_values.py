"""The values that instructions ask for while they are encoded."""

from __future__ import annotations

from dataclasses import dataclass

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Expression, symbol_plus
from ..text.diagnostics import SourceError
from .symbols import SymbolTable


@dataclass(frozen=True, slots=True)
class Values:
    """Values (`Evaluate`) for the instruction at the address `here`."""

    symbols: SymbolTable
    here: int

    def number(self, expression: Expression) -> int:
        """See Evaluate."""
        return evaluate_number(expression, self.symbols.address, self.here)

    def pointer(self, expression: Expression) -> int:
        """See Evaluate."""
        return self.symbols.pointer(expression, self.here)

    def instruction_set_bit(self, expression: Expression, is_function: bool) -> int | None:
        """See Evaluate."""
        pointed = symbol_plus(expression)
        if pointed is None:
            return None
        try:
            symbol = self.symbols.code_symbol(pointed.symbol)
        except SourceError:
            return None
        if symbol is None or (is_function and symbol.kind != "function"):
            return None
        return symbol.code_bit

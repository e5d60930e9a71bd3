"""The values that instructions ask for while they are encoded."""

from __future__ import annotations

from msgspec import Struct

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Expression, SymbolRef, symbol_plus
from ..text.diagnostics import SourceError
from .pointers import pointer
from .symbols import SymbolTable


class Values(Struct, frozen=True):
    """Values (`Evaluate`) for the instruction at the address `here`."""

    symbols: SymbolTable
    here: int

    def number(self, expression: Expression) -> int:
        """See Evaluate: of ELFv2 a branch goes to a function's local entry, as the TOC is the same everywhere."""
        value = evaluate_number(expression, self.symbols.address, self.here)
        if isinstance(expression, SymbolRef):
            symbol = self.symbols.resolve(expression)
            entry = symbol.traits.local_entry
            if symbol.takes_at_end and (label := self.symbols.code_symbol(expression)) is not None:
                entry = entry or label.local_entry
            if entry is not None:
                return value + evaluate_number(entry, self.symbols.address, self.here)
        return value

    def pointer(self, expression: Expression) -> int:
        """See Evaluate."""
        return pointer(self.symbols, expression, self.here)

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

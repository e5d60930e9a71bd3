"""The values of expressions: as instructions ask for them while they are encoded, and as data.

A pointer to a function has the bit of its instruction set.
"""

from __future__ import annotations

from msgspec import Struct

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Binary, Expression, Number, Part, SymbolRef, references_of, symbol_plus
from ..expressions.values import Value
from ..text.diagnostics import SourceError
from .sections import Section
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


def pointer(symbols: SymbolTable, expression: Expression, here: Value | None) -> int:
    """The value of an expression as data.

    A symbol plus an addend is (S + A) | T, and a modifier takes its part of that; a distance between two places of one
    section has no bit, and one from another section is ((S + A) | T) - P, as a relocation would say it; whatever else
    is computed is made of addresses.  Source: ELF for the Arm Architecture (AAELF32), "Relocation types": T is 1 for a
    Thumb function.  Raises as `evaluate` does.
    """
    if isinstance(expression, Binary) and expression.operator == "-" and references_of(expression.right):
        if _section(symbols, expression.left) is _section(symbols, expression.right):
            return evaluate_number(expression, symbols.address, here)
        return pointer(symbols, expression.left, here) - evaluate_number(expression.right, symbols.address, here)
    pointed = symbol_plus(expression)
    bit = symbols.pointer_bit(pointed.symbol) if pointed is not None else 0
    if not bit:
        return evaluate_number(expression, symbols.address, here)
    if isinstance(expression, Part):
        whole = Number(evaluate_number(expression.operand, symbols.address, here) | bit)
        return evaluate_number(Part(expression.part, whole, expression.rule), symbols.address, here)
    return evaluate_number(expression, symbols.address, here) | bit


def _section(symbols: SymbolTable, expression: Expression) -> Section | None:
    """The section that an expression points into, if it is a symbol plus a number."""
    pointed = symbol_plus(expression)
    label = symbols.code_symbol(pointed.symbol) if pointed is not None else None
    return label.section if label is not None else None

"""The values of expressions as data: a pointer to a function has the bit of its instruction set."""

from __future__ import annotations

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Binary, Expression, Number, Part, references_of, symbol_plus
from ..expressions.values import Value
from .sections import Section
from .symbols import SymbolTable


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
        return evaluate_number(Part(expression.part, whole), symbols.address, here)
    return evaluate_number(expression, symbols.address, here) | bit


def _section(symbols: SymbolTable, expression: Expression) -> Section | None:
    """The section that an expression points into, if it is a symbol plus a number."""
    pointed = symbol_plus(expression)
    label = symbols.code_symbol(pointed.symbol) if pointed is not None else None
    return label.section if label is not None else None

"""Expressions as a tree, and what can be told from the tree alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: int


@dataclass(frozen=True, slots=True)
class SymbolRef:
    """The value of a symbol as file number `scope` sees it.

    `offset` is where the name stands in its statement; it does not count in comparisons. `version` tells the values
    of a variable (`.set` and again `.set`) apart.
    """

    name: str
    offset: int = field(default=0, compare=False)
    scope: int = 0
    version: int = -1


@dataclass(frozen=True, slots=True)
class Here:
    """`.`: the address of what is being assembled."""


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `~x` or `!x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a value: `sym@ha`, `sym@l`, `:lower16:sym`."""

    part: str
    operand: Expression


Expression = Number | SymbolRef | Here | Unary | Binary | Part


LITERAL_LABEL = ".Lliteral$"
"""How the labels of entries in literal pools begin."""


def symbols_of(expression: Expression) -> list[str]:
    """The names that `expression` refers to, in order, with repeats."""
    return [reference.name for reference in references_of(expression)]


def references_of(expression: Expression) -> list[SymbolRef]:
    """The references in `expression`, in order, with repeats."""
    match expression:
        case SymbolRef():
            return [expression]
        case Unary(_, operand) | Part(_, operand):
            return references_of(operand)
        case Binary(_, left, right):
            return references_of(left) + references_of(right)
        case _:
            return []


@dataclass(frozen=True, slots=True)
class SymbolPlus:
    """A symbol plus an addend without symbols, of which a place takes the part `modifier` (empty: all of it).

    This is what a relocation can say (ELF: symbol, addend, type).
    """

    symbol: SymbolRef
    addend: Expression
    modifier: str = ""


def symbol_plus(expression: Expression) -> SymbolPlus | None:
    """`expression` as a symbol, an addend and a modifier, or None if it is not of that shape."""
    match expression:
        case SymbolRef():
            return SymbolPlus(expression, Number(0))
        case Binary("+" | "-" as operator, left, right) if not symbols_of(right):
            inner = symbol_plus(left)
            if inner is None or inner.modifier:
                return None
            return SymbolPlus(inner.symbol, Binary(operator, inner.addend, right))
        case Part(part, operand):
            inner = symbol_plus(operand)
            return None if inner is None or inner.modifier else SymbolPlus(inner.symbol, inner.addend, part)
        case _:
            return None


def with_here(expression: Expression, here: Expression) -> Expression:
    """`expression` with `here` in the place of every `.`."""
    match expression:
        case Here():
            return here
        case Unary(operator, operand):
            return Unary(operator, with_here(operand, here))
        case Part(part, operand):
            return Part(part, with_here(operand, here))
        case Binary(operator, left, right):
            return Binary(operator, with_here(left, here), with_here(right, here))
        case _:
            return expression


def with_symbols(expression: Expression, replaced: Callable[[SymbolRef], Expression]) -> Expression:
    """`expression` with what `replaced` gives in the place of every symbol."""
    match expression:
        case SymbolRef():
            return replaced(expression)
        case Unary(operator, operand):
            return Unary(operator, with_symbols(operand, replaced))
        case Part(part, operand):
            return Part(part, with_symbols(operand, replaced))
        case Binary(operator, left, right):
            return Binary(operator, with_symbols(left, replaced), with_symbols(right, replaced))
        case _:
            return expression

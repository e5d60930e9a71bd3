"""Expressions as a tree, and what can be told from the tree alone."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Number(Struct, frozen=True):
    """A constant."""

    value: int


class SymbolRef(Struct, frozen=True, eq=False):
    """The value of a symbol as file number `scope` sees it.

    `offset` is where the name stands in its statement; it does not count in comparisons. `version` tells the values
    of a variable (`.set` and again `.set`) apart.
    """

    name: str
    offset: int = 0
    scope: int = 0
    version: int = -1

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, SymbolRef) and self.name == other.name and self.scope == other.scope
                and self.version == other.version)

    def __hash__(self) -> int:
        return hash((self.name, self.scope, self.version))


class Here(Struct, frozen=True):
    """`.`: the address of what is being assembled."""


class Unary(Struct, frozen=True):
    """`-x`, `~x` or `!x`."""

    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


class PartRule(Struct, frozen=True, eq=False):
    """What a description says of a part of a value (`@parts`): `compute` takes it of an address, or of a distance.

    `is_relative`: of the distance from the instruction. `anchor` (None where there is none) gives, for the address of
    another instruction, the expression whose relative part that one has: the distance is from there.
    """

    compute: Callable[[int], int]
    is_relative: bool = False
    anchor: Callable[[int], Expression] | None = None


class Part(Struct, frozen=True):
    """A part of a value: `sym@ha`, `sym@l`, `:lower16:sym`; `%hi(sym)` has a rule of the description's."""

    part: str
    operand: Expression
    rule: PartRule | None = None


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


class SymbolPlus(Struct, frozen=True):
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
        case Part(part, operand, rule):
            return Part(part, with_here(operand, here), rule)
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
        case Part(part, operand, rule):
            return Part(part, with_symbols(operand, replaced), rule)
        case Binary(operator, left, right):
            return Binary(operator, with_symbols(left, replaced), with_symbols(right, replaced))
        case _:
            return expression

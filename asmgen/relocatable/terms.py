"""Expressions as sums: labels that count once, labels that are subtracted, and a number.

A relocation can say a symbol plus an addend, or that relative to its own place; a difference of two labels in one
section is a number already.
"""

from __future__ import annotations

from msgspec import Struct

from ..expressions.modifiers import PARTS
from ..expressions.tree import Binary, Expression, Here, Number, Part, SymbolRef, Unary
from ..expressions.values import combine, number_of
from ..layout.sections import Section
from ..layout.symbol import Symbol
from ..layout.symbols import MAX_SET_DEPTH, SymbolTable
from ..text.diagnostics import SourceError


class Label(Struct, frozen=True, eq=False):
    """Something that a linker gives its address: a symbol, or a point of a section (`symbol` None)."""

    symbol: Symbol | None
    section: Section | None
    offset: int
    """Bytes from the section's start; 0 for a symbol that another file defines."""
    label: Symbol | None = None
    """The label that stands there, where `symbol` is another name of that place; it does not count in comparisons."""

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Label) and self.symbol is other.symbol and self.section is other.section
                and self.offset == other.offset)

    def __hash__(self) -> int:
        return hash((id(self.symbol), id(self.section), self.offset))

    @property
    def code(self) -> Symbol | None:
        """What tells what kind of thing stands there."""
        return self.label or self.symbol


class Sum(Struct, frozen=True):
    """The labels in `plus`, less those in `minus`, plus `constant`; a place takes the part `modifier` of it."""

    plus: tuple[Label, ...]
    minus: tuple[Label, ...]
    constant: int
    modifier: str = ""

    @property
    def is_number(self) -> bool:
        """Whether nothing is left for a linker."""
        return not self.plus and not self.minus and (not self.modifier or self.modifier in PARTS)

    @property
    def number(self) -> int:
        """The value of one that is a number."""
        return PARTS[self.modifier](self.constant) if self.modifier else self.constant


def sum_of(expression: Expression, symbols: SymbolTable, here: Label, depth: int = 0) -> Sum:
    """`expression` as a sum; `.` in it is `here`.

    Raises SourceError where it is none (a product of labels, a part of a part).
    """
    if depth > MAX_SET_DEPTH:
        raise SourceError(f"symbols are defined by symbols over {MAX_SET_DEPTH} deep", 0)
    match expression:
        case Number(value):
            return Sum((), (), value)
        case Here():
            return Sum((here,), (), 0)
        case SymbolRef():
            return _of_symbol(expression, symbols, here, depth)
        case Unary("-", operand):
            inner = _whole(sum_of(operand, symbols, here, depth + 1))
            return _cancelled(inner.minus, inner.plus, -inner.constant)
        case Unary(operator, operand):
            value = _number(sum_of(operand, symbols, here, depth + 1))
            return Sum((), (), ~value if operator == "~" else int(value == 0))
        case Part(part, operand):
            inner = _whole(sum_of(operand, symbols, here, depth + 1))
            rule = expression.rule
            if rule is not None and not rule.is_relative and rule.anchor is None and inner.is_number:
                return Sum((), (), rule.compute(inner.number))
            return Sum(inner.plus, inner.minus, inner.constant, part)
        case Binary(operator, left_tree, right_tree):
            left = _whole(sum_of(left_tree, symbols, here, depth + 1))
            right = _whole(sum_of(right_tree, symbols, here, depth + 1))
            if operator == "+":
                return _cancelled(left.plus + right.plus, left.minus + right.minus, left.constant + right.constant)
            if operator == "-":
                return _cancelled(left.plus + right.minus, left.minus + right.plus, left.constant - right.constant)
            if operator in _COMPARED and (left.plus or right.plus):
                difference = _cancelled(left.plus + right.minus, left.minus + right.plus,
                                        left.constant - right.constant)
                return Sum((), (), number_of(combine(operator, _number(difference), 0)))
            return Sum((), (), number_of(combine(operator, _number(left), _number(right))))


_COMPARED = ("==", "!=", "<", ">", "<=", ">=")


def _of_symbol(reference: SymbolRef, symbols: SymbolTable, here: Label, depth: int) -> Sum:
    symbol = symbols.for_linker(reference)
    if symbol.mark is not None:
        return Sum((Label(symbol, symbol.section, symbol.mark.offset),), (), 0)
    if symbol.expression is None:
        return Sum((Label(symbol, None, 0),), (), 0)
    whole = _whole(sum_of(symbol.expression, symbols, here, depth + 1))
    if len(whole.plus) == 1 and not whole.minus and whole.plus[0].section is not None:
        # Another name of a place of this file: a relocation names it as the source does.
        place = whole.plus[0]
        return Sum((Label(symbol, place.section, place.offset + whole.constant, place.code),), (), 0)
    return whole


def _cancelled(plus: tuple[Label, ...], minus: tuple[Label, ...], constant: int) -> Sum:
    """The sum without pairs whose difference is known."""
    kept, taken = list(plus), list(minus)
    for one in plus:
        same = next((m for m in taken if m == one or (one.section is not None and m.section is one.section)), None)
        if same is not None:
            constant += one.offset - same.offset
            kept.remove(one)
            taken.remove(same)
    return Sum(tuple(kept), tuple(taken), constant)


def _whole(inner: Sum) -> Sum:
    """A sum inside a larger expression, of which only numbers may have been taken a part."""
    if not inner.modifier:
        return inner
    if inner.is_number:
        return Sum((), (), inner.number)
    raise SourceError(f"the part '{inner.modifier}' of an address cannot be computed with", 0,
                      "let it stand alone: no relocation takes a part of a part")


def _number(inner: Sum) -> int:
    if inner.is_number:
        return inner.number
    label = (inner.plus or inner.minus)[0]
    name = label.symbol.name if label.symbol is not None else "."
    raise SourceError(f"the address of '{name}' is not known before linking, and no relocation computes with it", 0,
                      "only a symbol plus a number, or the distance to a symbol, can be left to a linker")

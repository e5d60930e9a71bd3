"""Takes the value of an expression."""

from __future__ import annotations

from collections.abc import Callable

from .modifiers import PARTS
from .tree import Binary, Expression, Here, Number, Part, PartRule, SymbolRef, Unary
from .values import NotKnownYet, Value, combine, number_of

Lookup = Callable[[SymbolRef], Value]


def evaluate(expression: Expression, lookup: Lookup, here: Value | None) -> Value:
    """The value of `expression`.

    Raises NotKnownYet if it needs an address that is not fixed, SourceError for a division by zero,
    a value that is too large, and whatever `lookup` raises.
    """
    match expression:
        case Number(value):
            return value
        case SymbolRef():
            return lookup(expression)
        case Here():
            if here is None:
                raise NotKnownYet("'.' has no value here")
            return here
        case Unary(operator, operand):
            value = number_of(evaluate(operand, lookup, here))
            if operator == "-":
                return -value
            return ~value if operator == "~" else int(value == 0)
        case Part(_, operand, rule) if rule is not None:
            return _described_part(rule, operand, lookup, here)
        case Part(part, operand):
            if part == "prel31" and here is not None:
                return (number_of(evaluate(operand, lookup, here)) - number_of(here)) & 0x7FFFFFFF
            if part not in PARTS:
                raise NotKnownYet(f"'{part}' is a matter of relocations, which there are none of here",
                                  hint="write a relocatable object (-c) and link it")
            return PARTS[part](number_of(evaluate(operand, lookup, here)))
        case Binary(operator, left, right):
            return combine(operator, evaluate(left, lookup, here), evaluate(right, lookup, here))


def _described_part(rule: PartRule, operand: Expression, lookup: Lookup, here: Value | None) -> int:
    number = number_of(evaluate(operand, lookup, here))
    if rule.anchor is not None:
        place = number
        number = number_of(evaluate(rule.anchor(place), lookup, place)) - place
    elif rule.is_relative:
        if here is None:
            raise NotKnownYet("the distance has no beginning here")
        number -= number_of(here)
    return rule.compute(number)


def evaluate_number(expression: Expression, lookup: Lookup, here: Value | None) -> int:
    """As `evaluate`, but an address that is not fixed yet is refused with NotKnownYet."""
    return number_of(evaluate(expression, lookup, here))

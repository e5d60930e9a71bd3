"""Typed expressions with some of a form's fields known: what depends on these alone is computed now.

A value is known as a number, or as a table: its number for each value that one field may have. A choice by a table is
noted in `decisions`: it would be settled if more were known of that field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ....model import code
from ...purity import is_pure_builtin
from ...python_helpers import signed
from ..text import number_of_binary, numbers_of_builtin


class Table(NamedTuple):
    """A number for each value that `field` may have."""

    field: str
    numbers: tuple[int, ...]


Known = int | Table | None


class Value(NamedTuple):
    """An expression, and what is known of it."""

    expression: code.Expression
    known: Known


Names = dict[str, Value]
"""What the names in sight stand for."""


def combined(parts: Sequence[Known], compute: Callable[..., int | None]) -> Known:
    """What is known of a function's value by what is known of its arguments."""
    field, length = "", 0
    for part in parts:
        if part is None or (isinstance(part, Table) and field not in ("", part.field)):
            return None
        if isinstance(part, Table):
            field, length = part.field, len(part.numbers)
    if not field:
        return compute(*parts)
    rows = [[part.numbers[at] if isinstance(part, Table) else part for part in parts] for at in range(length)]
    numbers = [compute(*row) for row in rows]
    if None in numbers:
        return None
    found = tuple(number for number in numbers if number is not None)
    return found[0] if min(found) == max(found) else Table(field, found)


class ValueFolder:
    """Folds expressions; statements that they need come before them, by way of `call`."""

    def __init__(self) -> None:
        self.decisions: dict[str, set[tuple[int, ...]]] = {}
        """By field: the tables by which something was chosen."""
        self.settled = 0
        """Choices that were made."""
        self.length = 0
        """Bytes of the instruction."""

    def call(self, e: code.Call, names: Names, out: list[code.Statement]) -> Value:
        """A call within an expression."""
        raise NotImplementedError

    def note(self, known: Known) -> None:
        """Something is chosen by a value."""
        if isinstance(known, Table):
            self.decisions.setdefault(known.field, set()).add(known.numbers)

    def value(self, e: code.Expression, names: Names, out: list[code.Statement]) -> Value:
        """An expression in terms of what the names stand for."""
        found = self._value(e, names, out)
        if isinstance(found.known, int) and not isinstance(found.expression, code.Const):
            return Value(code.Const(found.known, e.width), found.known)
        return found

    def _value(self, e: code.Expression, names: Names, out: list[code.Statement]) -> Value:
        if isinstance(e, code.Const):
            return Value(e, e.value)
        if isinstance(e, code.Local):
            return names.get(e.name) or Value(e, None)
        if isinstance(e, code.Special):
            return Value(e, self.length if e.name == "length" else None)
        if isinstance(e, code.ReadRegister):
            if e.index is None:
                return Value(e, None)
            return Value(code.ReadRegister(e.register, self.value(e.index, names, out).expression, e.width), None)
        if isinstance(e, code.ReadMemory):
            return Value(code.ReadMemory(self.value(e.address, names, out).expression, e.size, e.kind, e.width), None)
        if isinstance(e, code.ReadPhysical):
            address = self.value(e.address, names, out).expression
            return Value(code.ReadPhysical(address, e.size, e.order, e.width), None)
        if isinstance(e, code.Binary):
            return self._binary(e, names, out)
        if isinstance(e, code.Select):
            return self._select(e, names, out)
        if isinstance(e, code.Call):
            return self.call(e, names, out)
        return self._pure(e, names, out)

    def _pure(self, e: code.Expression, names: Names, out: list[code.Statement]) -> Value:
        mask = (1 << e.width) - 1
        if isinstance(e, code.Unary):
            operand = self.value(e.operand, names, out)
            known = combined([operand.known], lambda n: (-n if e.operator == "-" else ~n) & mask)
            return Value(code.Unary(e.operator, operand.expression, e.width), known)
        if isinstance(e, code.Extend):
            operand, width = self.value(e.operand, names, out), e.operand.width
            known = combined([operand.known], lambda n: (signed(n, width) if e.signed else n) & mask)
            return Value(code.Extend(operand.expression, e.signed, e.width), known)
        if isinstance(e, code.Slice):
            operand = self.value(e.operand, names, out)
            return Value(
                code.Slice(operand.expression, e.low, e.width), combined([operand.known], lambda n: n >> e.low & mask)
            )
        if isinstance(e, code.DynamicSlice):
            operand, low = self.value(e.operand, names, out), self.value(e.low, names, out)
            known = combined([operand.known, low.known], lambda n, from_: n >> from_ & mask)
            return Value(code.DynamicSlice(operand.expression, low.expression, e.width), known)
        if isinstance(e, code.Insert):
            base, low, part = (self.value(side, names, out) for side in (e.base, e.low, e.value))
            ones = (1 << e.value.width) - 1
            known = combined(
                [base.known, low.known, part.known], lambda n, at, new: (n & ~(ones << at) | new << at) & mask
            )
            return Value(code.Insert(base.expression, low.expression, part.expression, e.width), known)
        if isinstance(e, code.Concat):
            return self._concat(e, names, out)
        assert isinstance(e, code.Builtin)
        arguments = [self.value(argument, names, out) for argument in e.arguments]
        made = code.Builtin(e.name, tuple(argument.expression for argument in arguments), e.extra, e.width)
        if not arguments or not is_pure_builtin(e.name):
            return Value(made, None)
        width = e.arguments[0].width

        def computed(*numbers: int) -> int | None:
            results = numbers_of_builtin(e.name, numbers, width, e.extra)
            return results[0] if results else None

        return Value(made, combined([argument.known for argument in arguments], computed))

    def _concat(self, e: code.Concat, names: Names, out: list[code.Statement]) -> Value:
        parts = [self.value(part, names, out) for part in e.parts]
        widths = [part.width for part in e.parts]

        def joined(*numbers: int) -> int:
            whole = 0
            for number, width in zip(numbers, widths, strict=True):
                whole = whole << width | number
            return whole

        made = code.Concat(tuple(part.expression for part in parts), e.width)
        return Value(made, combined([part.known for part in parts], joined))

    def _binary(self, e: code.Binary, names: Names, out: list[code.Statement]) -> Value:
        left, width = self.value(e.left, names, out), e.left.width
        if e.operator in ("&&", "||"):
            if isinstance(left.known, int):
                self.settled += 1
                return left if left.known == (e.operator == "||") else self.value(e.right, names, out)
            self.note(left.known)
        right = self.value(e.right, names, out)
        known = combined([left.known, right.known], lambda a, b: number_of_binary(e.operator, a, b, width))
        if known is None and e.width == 1:
            self.note(left.known)
            self.note(right.known)
        return Value(code.Binary(e.operator, left.expression, right.expression, e.width), known)

    def _select(self, e: code.Select, names: Names, out: list[code.Statement]) -> Value:
        condition = self.value(e.condition, names, out)
        if isinstance(condition.known, int):
            self.settled += 1
            return self.value(e.then if condition.known else e.otherwise, names, out)
        self.note(condition.known)
        then, otherwise = self.value(e.then, names, out), self.value(e.otherwise, names, out)
        known = combined([condition.known, then.known, otherwise.known], lambda c, a, b: a if c else b)
        return Value(code.Select(condition.expression, then.expression, otherwise.expression, e.width), known)

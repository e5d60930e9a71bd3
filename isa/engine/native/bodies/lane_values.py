"""Values in a loop over elements, all times round at once: the same each time, known numbers, or *lanes*.

Lanes are a number with an element for each time round, the first one lowest: see `text.lanes_text` for what is done
with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ....model import code
from ...python_helpers import signed
from ..text import LANES, number_of_binary


class NoLanesError(Exception):
    """This loop is none over elements. Never leaves this package."""


class Same(NamedTuple):
    """An expression that has one value in the whole loop."""

    expression: code.Expression

    @property
    def width(self) -> int:
        """Of the value, in bits."""
        return self.expression.width


class Known(NamedTuple):
    """A number for each time round."""

    numbers: tuple[int, ...]
    width: int


class Lanes(NamedTuple):
    """A variable of as many elements of `width` bits as there are times round. None is larger than `most`, all are
    multiples of 2 to the `zeros`."""

    name: str
    width: int
    most: int
    zeros: int = 0


Value = Same | Known | Lanes


class LaneOperations:
    """Writes operations on lanes as statements into `out`."""

    def __init__(self, count: int, line: int, taken: set[str]) -> None:
        """`count`: times round; `taken`: the names that the function has."""
        self.count = count
        self.line = line
        self.out: list[code.Statement] = []
        self._taken = taken

    def fresh(self, expression: code.Expression) -> code.Local:
        """A variable for the value of an expression."""
        name = f"lanes {len(self._taken)}"
        self._taken.add(name)
        self.out.append(code.Let(self.line, name, expression.width, expression))
        return code.Local(name, expression.width)

    def flat(self, value: Value) -> code.Expression:
        """A value's lanes as one number."""
        if isinstance(value, Lanes):
            return code.Local(value.name, value.width * self.count)
        width = value.width * self.count
        if isinstance(value, Known):
            return code.Const(sum(number << at * value.width for at, number in enumerate(value.numbers)), width)
        if isinstance(value.expression, code.Const):
            return self.flat(Known((value.expression.value,) * self.count, value.width))
        return self.fresh(code.Builtin(f"{LANES}splat", (value.expression,), (value.width, self.count), width))

    def built(
        self, name: str, values: Sequence[Value], extra: tuple[int, ...], width: int, most: int = -1, zeros: int = 0
    ) -> Lanes:
        """A built-in's lanes, of `width` bits each; `extra` comes behind the operands' width and the count."""
        arguments = tuple(self.flat(value) for value in values)
        of = values[-1].width
        made = code.Builtin(LANES + name, arguments, (of, self.count, *extra), width * self.count)
        top = (1 << width) - 1
        return Lanes(self.fresh(made).name, width, top if most < 0 else min(most, top), zeros)

    # Operators

    def binary(self, operator: str, left: Value, right: Value, width: int) -> Value:
        """`width` is the result's."""
        if operator in ("&&", "||"):
            operator = operator[0]
        if not (is_known(left) and is_known(right)):
            if isinstance(left, Same) and isinstance(right, Same):
                return Same(code.Binary(operator, left.expression, right.expression, width))
            return self._binary(operator, left, right, width)
        numbers = [
            number_of_binary(operator, a, b, left.width)
            for a, b in zip(self.numbers(left), self.numbers(right), strict=True)
        ]
        if None in numbers:
            raise NoLanesError
        return self.known([number for number in numbers if number is not None], width)

    def known(self, numbers: Sequence[int], width: int) -> Value:
        """Numbers, or the one that all of them are."""
        if min(numbers) == max(numbers):
            return Same(code.Const(numbers[0], width))
        return Known(tuple(numbers), width)

    def _binary(self, operator: str, left: Value, right: Value, width: int) -> Value:
        if operator in ("/", "%", "/s", "%s"):
            raise NoLanesError
        if operator in ("<<", ">>", ">>s"):
            return self._shift(operator, left, right)
        most, zeros = -1, 0
        if operator == "&":
            most = min(self.most(left), self.most(right))
        elif operator == "-":
            # From what is never smaller nothing is borrowed.
            least = min(self.numbers(left)) if is_known(left) else 0
            if self.most(right) <= least:
                most, zeros = self.most(left), min(self.zeros(left), self.zeros(right))
        return self.built(operator, (left, right), (), width, most, zeros)

    def _shift(self, operator: str, left: Value, right: Value) -> Value:
        width = left.width
        amounts = self.numbers(right) if is_known(right) else ()
        if self.most(right) >= width:
            if not amounts or operator == ">>s":
                raise NoLanesError
            if min(amounts) >= width:
                return Same(code.Const(0, width))
            raise NoLanesError
        amount = self.resized(right, False, width)
        most = self.most(left) >> min(amounts) if amounts and operator == ">>" else -1
        return self.built(operator, (left, amount), (), width, most)

    def unary(self, operator: str, value: Value) -> Value:
        """`-`, `~` or `!`."""
        zero, ones = (Same(code.Const(number, value.width)) for number in (0, (1 << value.width) - 1))
        if operator == "-":
            return self.binary("-", zero, value, value.width)
        return self.binary("^", value, ones, value.width)

    def select(self, condition: Value, then: Value, otherwise: Value) -> Value:
        """Which of two, for each time round."""
        if isinstance(condition, Same):
            if isinstance(condition.expression, code.Const):
                return then if condition.expression.value else otherwise
            if isinstance(then, Same) and isinstance(otherwise, Same):
                made = code.Select(condition.expression, then.expression, otherwise.expression, then.width)
                return Same(made)
        if is_known(condition):
            numbers = self.numbers(condition)
            if min(numbers) == max(numbers):
                return then if numbers[0] else otherwise
        if then == otherwise:
            return then
        return self.built(
            "select", (condition, then, otherwise), (), then.width, max(self.most(then), self.most(otherwise)),
            min(self.zeros(then), self.zeros(otherwise)),
        )  # fmt: skip

    def resized(self, value: Value, is_signed: bool, to: int) -> Value:
        """Extended or cut to `to` bits."""
        if value.width == to:
            return value
        if is_known(value):
            numbers = self.numbers(value)
            return self.known([(signed(one, value.width) if is_signed else one) & (1 << to) - 1 for one in numbers], to)
        if isinstance(value, Same):
            wide = code.Extend(value.expression, is_signed, to) if to > value.width else code.Slice(
                value.expression, 0, to)  # fmt: skip
            return Same(wide)
        assert isinstance(value, Lanes)
        if to < value.width:
            return self.built("cut", (value,), (to,), to, value.most if value.most < 1 << to else -1, value.zeros)
        most = -1 if is_signed and value.most >> value.width - 1 else value.most
        return self.built("sign" if is_signed else "extend", (value,), (to,), to, most, value.zeros)

    # Facts

    def numbers(self, value: Value) -> tuple[int, ...]:
        """What is known, for each time round."""
        if isinstance(value, Known):
            return value.numbers
        if isinstance(value, Same) and isinstance(value.expression, code.Const):
            return (value.expression.value,) * self.count
        raise NoLanesError

    def most(self, value: Value) -> int:
        """No element is larger."""
        if isinstance(value, Lanes):
            return value.most
        return max(self.numbers(value)) if is_known(value) else (1 << value.width) - 1

    def zeros(self, value: Value) -> int:
        """All elements are multiples of 2 to this."""
        if isinstance(value, Lanes):
            return value.zeros
        if not is_known(value):
            return 0
        whole = 0
        for number in self.numbers(value):
            whole |= number
        return (whole & -whole).bit_length() - 1 if whole else value.width


def is_known(value: Value) -> bool:
    """Whether it is numbers."""
    return isinstance(value, Known) or (isinstance(value, Same) and isinstance(value.expression, code.Const))

"""Settled expressions as Python functions of an instruction: what is copied a thousand times is not looked through each
time. What is not known here is computed by `Settled.number`, from the same instruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from ....model import code
from ....model.decoder import field_value
from ....model.items import Field, Form
from .numbers import Given, Settled

Quick = Callable[["Instruction"], int]
"""Raises TooMuchError, as `Settled.number` does."""


class Instruction:
    """A word of a form at an address, where registers hold modes."""

    def __init__(self, form: Form, word: int, length: int, pc: int, registers: Mapping[str, int]) -> None:
        """`length` in bytes."""
        self.form = form
        self.word = word
        self.length = length
        self.pc = pc
        self.registers = registers

    @cached_property
    def given(self) -> Given:
        """The same for `Settled.number`."""
        fields = {field.name: field_value(field, self.word) for field in self.form.fields}
        return Given(fields, {"cia": self.pc, "word": self.word, "length": self.length}, self.registers)


def quick(settled: Settled, form: Form, e: code.Expression) -> Quick:
    """What gives an expression's value."""
    found = _quick(settled, {field.name: field for field in form.fields}, e)
    return found or (lambda one: settled.number(e, one.given))


def _quick(settled: Settled, fields: Mapping[str, Field], e: code.Expression) -> Quick | None:
    if isinstance(e, code.Const):
        value = e.value
        return lambda one: value
    if isinstance(e, code.Local) and e.name in fields:
        return _field(fields[e.name])
    mask = (1 << e.width) - 1
    if isinstance(e, code.Special) and e.name == "cia":
        return lambda one: one.pc & mask
    if isinstance(e, code.Extend):
        return _extended(_quick(settled, fields, e.operand), e.operand.width, e.signed, mask)
    if isinstance(e, code.Slice):
        operand, low = _quick(settled, fields, e.operand), e.low
        return operand and (lambda one: operand(one) >> low & mask)
    if isinstance(e, code.Binary) and e.operator in ("+", "-"):
        left, right = _quick(settled, fields, e.left), _quick(settled, fields, e.right)
        if left is None or right is None:
            return None
        if e.operator == "+":
            return lambda one: left(one) + right(one) & mask
        return lambda one: left(one) - right(one) & mask
    if isinstance(e, code.Concat):
        return _joined([(_quick(settled, fields, part), part.width) for part in e.parts])
    return None


def _field(field: Field) -> Quick:
    if len(field.pieces) != 1:
        return lambda one: field_value(field, one.word)
    (piece,) = field.pieces
    low, mask, to = piece.word_low, (1 << piece.width) - 1, piece.field_low
    if not to:
        return lambda one: one.word >> low & mask
    return lambda one: (one.word >> low & mask) << to


def _extended(operand: Quick | None, width: int, signed: bool, mask: int) -> Quick | None:
    if operand is None or not signed:
        return operand
    sign, above = 1 << width - 1, 1 << width

    def extended(one: Instruction) -> int:
        value = operand(one)
        return (value - above if value & sign else value) & mask

    return extended


def _joined(parts: list[tuple[Quick | None, int]]) -> Quick | None:
    known = [(part, width) for part, width in parts if part is not None]
    if len(known) != len(parts):
        return None

    def joined(one: Instruction) -> int:
        whole = 0
        for part, width in known:
            whole = whole << width | part(one)
        return whole

    return joined

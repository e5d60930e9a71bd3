"""Lowering, the common part: values on their way to typed code, scopes, hoisting of statements out of expressions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...model import code
from ...model import items as model
from .. import tree
from ..names.environment import Environment, Mistake
from ..names.types import Type, fits, wrap
from ..tree import Span


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression comes to: typed parts (one, or several for a tuple), or an untyped number."""

    parts: tuple[code.Expression, ...] = ()
    types: tuple[Type, ...] = ()
    literal: int | None = None

    @property
    def is_scalar(self) -> bool:
        return len(self.parts) == 1


Expected = Type | tuple[Type, ...] | None
"""What the place of an expression needs: one type, a tuple's types, or nothing in particular."""


def one(expected: Expected) -> Type | None:
    """The type where one is expected."""
    if isinstance(expected, tuple):
        return expected[0] if len(expected) == 1 else None
    return expected


@dataclass(frozen=True, slots=True)
class Variable:
    """A local: the unique name in the typed code; `broken` if its definition was a mistake (uses say nothing more)."""

    name: str
    type: Type
    mutable: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class OperandMeaning:
    """What an operand's name stands for in one form: a value to evaluate, or fields to concatenate."""

    name: str
    fields: tuple[str, ...]
    value: tree.Expression | tree.Block | None
    types: tuple[Type, ...] | None
    meanings: dict[str, OperandMeaning] = field(default_factory=dict)


class LoweringBase:
    """State of one body's lowering.

    `fields` are the form's fields; `fixed` those with a known value; `operands` what operand names stand for.
    `out` is the statement list that is being filled: expressions with statements inside put them there first.
    """

    def __init__(self, env: Environment, results: Sequence[Type] = ()) -> None:
        self.env = env
        self.results = tuple(results)
        self.fields: dict[str, Type] = {}
        self.fixed: dict[str, int] = {}
        self.operands: dict[str, OperandMeaning] = {}
        self.scopes: list[dict[str, Variable]] = [{}]
        self.out: list[code.Statement] = []
        self.used: set[str] = set()
        self.line = 0
        self.device = ""
        self.ports: dict[str, model.Port] = {}
        self.return_codes: dict[str, int] | None = None

    # Names

    def declare(self, name: str, type_: Type, span: Span, mutable: bool = False, broken: bool = False) -> Variable:
        """A new variable in the innermost scope."""
        if name in self.scopes[-1] and name != "_":
            raise self.env.error("duplicate", f"'{name}' is declared twice in one block", span)
        if self.env.locals is not None and not broken:
            self.env.locals[span.file, span.line, name] = type_
        variable = Variable(self.unique(name), type_, mutable, broken)
        self.scopes[-1][name] = variable
        return variable

    def unique(self, name: str) -> str:
        """`name`, with a number if this function has it already."""
        candidate, number = name, 1
        while candidate in self.used or candidate in self.fields:
            number += 1
            candidate = f"{name}_{number}"
        self.used.add(candidate)
        return candidate

    def find(self, name: str) -> Variable | None:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    # Statements

    def emit(self, statement: code.Statement) -> None:
        self.out.append(statement)

    def temporary(self, value: code.Expression, at: int | None = None) -> code.Local:
        """A fresh variable that holds `value`, declared at the end or at an earlier place in `out`."""
        name = self.unique("t")
        statement = code.Let(self.line, name, value.width, value)
        if at is None:
            self.out.append(statement)
        else:
            self.out.insert(at, statement)
        return code.Local(name, value.width)

    def keep_order(self, values: list[code.Expression], mark: int, count: int) -> None:
        """A later operand has put statements into `out` from `mark` on: the first `count` values come before them."""
        if len(self.out) == mark:
            return
        for index in range(count):
            if not is_stable(values[index]):
                values[index] = self.temporary(values[index], mark)
                mark += 1

    # Widths

    def scalar(self, value: Value, expected: Type | None, span: Span, what: str = "this") -> code.Expression:
        """The one expression of a value, checked against the width that its place needs."""
        if value.literal is not None:
            if expected is None:
                raise self.env.error(
                    "width-unknown",
                    f"nothing here says how wide the number {value.literal} is",
                    span,
                    f"write u32({value.literal}), say",
                )
            if not fits(value.literal, expected.width):
                raise self.env.error("width", f"the number {value.literal} does not fit {expected}", span)
            return code.Const(wrap(value.literal, expected.width), expected.width)
        if len(value.parts) != 1:
            message = (
                "this gives no value"
                if not value.parts
                else f"this gives {len(value.parts)} values where one is needed"
            )
            raise self.env.error("type", message, span)
        expression = value.parts[0]
        if expected is not None and expression.width != expected.width:
            hint = "zero_extend, sign_extend" if expression.width < expected.width else "truncate or a slice"
            raise self.env.error(
                "width",
                f"{what} is {value.types[0]} ({expression.width} bits), "
                f"and {expected} ({expected.width} bits) is needed here",
                span,
                f"widths are never changed silently: use {hint}",
            )
        return expression

    def constant(self, value: Value) -> int | None:
        """The number that a value is, if it is one."""
        if value.literal is not None:
            return value.literal
        if value.is_scalar and isinstance(value.parts[0], code.Const):
            return value.parts[0].value
        return None


def is_stable(expression: code.Expression) -> bool:
    """Whether a value stays the same whatever statements run before it is used (variables count as stable)."""
    return isinstance(expression, (code.Const, code.Local)) or (
        not isinstance(
            expression, (code.ReadRegister, code.ReadMemory, code.ReadPhysical, code.Special, code.Call, code.Builtin)
        )
        and all(is_stable(child) for child in children(expression))
    )


def children(expression: code.Expression) -> Iterable[code.Expression]:
    """Direct sub-expressions, in the order of evaluation."""
    if isinstance(expression, (code.Const, code.Local, code.Special)):
        return ()
    if isinstance(expression, code.ReadRegister):
        return () if expression.index is None else (expression.index,)
    if isinstance(expression, (code.ReadMemory, code.ReadPhysical)):
        return (expression.address,)
    if isinstance(expression, (code.Unary, code.Extend, code.Slice)):
        return (expression.operand,)
    if isinstance(expression, code.Binary):
        return (expression.left, expression.right)
    if isinstance(expression, code.Select):
        return (expression.condition, expression.then, expression.otherwise)
    if isinstance(expression, code.DynamicSlice):
        return (expression.operand, expression.low)
    if isinstance(expression, code.Insert):
        return (expression.base, expression.low, expression.value)
    if isinstance(expression, code.Concat):
        return expression.parts
    return expression.arguments


def tuple_mistake(env: Environment, wanted: int, got: int, span: Span) -> Mistake:
    """The message for a tuple of the wrong size."""
    return env.error("type", f"{wanted} values are needed here, and this gives {got}", span)

"""The syntax tree of bodies: what was written, with its places, before any name has a meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Within(NamedTuple):
    """Which copy of what was written a place belongs to: a family's member, a function for its compile-time arguments.

    `span` is the row or the call that asked for the copy; `inner` the copy of which this one is a copy.
    """

    text: str
    span: Span
    inner: Within | None = None


class Span(NamedTuple):
    """A place: file, first line and column, last line and the column behind the end (all from 1); and of which copy."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Node:
    span: Span


# Expressions


@dataclass(frozen=True, slots=True)
class IntegerLiteral(Node):
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    object: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    object: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class SliceOf(Node):
    object: Expression
    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class PartOf(Node):
    object: Expression
    start: Expression
    width: Expression


@dataclass(frozen=True, slots=True)
class CallOf(Node):
    function: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class UnaryOf(Node):
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class BinaryOf(Node):
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class TupleOf(Node):
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class IfOf(Node):
    condition: Expression
    then: Block
    otherwise: Block | None


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """A number, a range, a name (`_` is anything), or `enum.member`."""

    first: int | None
    last: int | None
    name: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Arm(Node):
    patterns: tuple[Pattern, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class MatchOf(Node):
    subject: Expression
    arms: tuple[Arm, ...]


Expression = (
    IntegerLiteral | Name | Member | Index | SliceOf | PartOf | CallOf | UnaryOf | BinaryOf | TupleOf | IfOf | MatchOf
)

# Statements


@dataclass(frozen=True, slots=True)
class Block(Node):
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """`u32`, an enum's or bit field's name; a tuple of types; or `u(WIDTH)`."""

    name: str
    parts: tuple[TypeName, ...] = ()
    width: Expression | None = None


@dataclass(frozen=True, slots=True)
class LetOf(Node):
    names: tuple[str, ...]
    type: TypeName | None
    value: Expression
    mutable: bool


@dataclass(frozen=True, slots=True)
class AssignOf(Node):
    target: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class ForOf(Node):
    name: str
    type: TypeName | None
    first: Expression
    last: Expression
    body: Block


@dataclass(frozen=True, slots=True)
class ReturnOf(Node):
    value: Expression | None


@dataclass(frozen=True, slots=True)
class RaiseOf(Node):
    interrupt: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class LeaveOf(Node):
    exit: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Node):
    value: Expression


Statement = LetOf | AssignOf | ForOf | ReturnOf | RaiseOf | LeaveOf | ExpressionStatement


def walk_names(expression: Expression) -> Iterator[str]:
    """The plain names that occur in an expression without statements, in order."""
    if isinstance(expression, Name):
        yield expression.name
    elif isinstance(expression, Member):
        yield from walk_names(expression.object)
    elif isinstance(expression, UnaryOf):
        yield from walk_names(expression.operand)
    elif isinstance(expression, BinaryOf):
        yield from walk_names(expression.left)
        yield from walk_names(expression.right)
    elif isinstance(expression, (Index, CallOf)):
        yield from walk_names(expression.object if isinstance(expression, Index) else expression.function)
        for argument in expression.arguments:
            yield from walk_names(argument)
    elif isinstance(expression, SliceOf):
        yield from walk_names(expression.object)
    elif isinstance(expression, PartOf):
        yield from walk_names(expression.object)
        yield from walk_names(expression.start)
    elif isinstance(expression, TupleOf):
        for part in expression.parts:
            yield from walk_names(part)
    elif isinstance(expression, IfOf):
        yield from walk_names(expression.condition)
        for block in (expression.then, expression.otherwise):
            for statement in block.statements if block else ():
                if isinstance(statement, ExpressionStatement):
                    yield from walk_names(statement.value)

"""What a piece of typed code touches by itself, not through what it calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...model import code
from ..lowering.base import children


@dataclass
class Touch:
    """What a piece of code touches by itself, and whom it calls."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    may_raise: bool = False


def touches(body: Sequence[code.Statement]) -> Touch:
    """Looks at statements, not into callees."""
    touch = Touch()
    _statements(body, touch)
    return touch


def _statements(body: Iterable[code.Statement], touch: Touch) -> None:
    for statement in body:
        if isinstance(statement, (code.CallInto,)):
            touch.calls.add(statement.function)
        elif isinstance(statement, code.BuiltinInto):
            touch.may_raise |= statement.name == "translated"
        elif isinstance(statement, code.SetRegister):
            touch.writes.add(statement.register)
        elif isinstance(statement, (code.SetMemory, code.SetPhysical, code.Raise)):
            touch.may_raise = True
        for expression in _direct(statement):
            _expression(expression, touch)
        for inner in _blocks(statement):
            _statements(inner, touch)


def _direct(statement: code.Statement) -> Iterable[code.Expression]:
    if isinstance(statement, (code.Let, code.Set, code.SetNext, code.Do)):
        return (statement.value,)
    if isinstance(statement, (code.CallInto, code.BuiltinInto, code.Raise, code.Leave)):
        return statement.arguments
    if isinstance(statement, code.SetRegister):
        return (statement.value,) if statement.index is None else (statement.index, statement.value)
    if isinstance(statement, (code.SetMemory, code.SetPhysical)):
        return (statement.address, statement.value)
    if isinstance(statement, code.If):
        return (statement.condition,)
    if isinstance(statement, code.Switch):
        return (statement.subject,)
    if isinstance(statement, code.For):
        return (statement.first, statement.last)
    return statement.values


def _blocks(statement: code.Statement) -> Iterable[Sequence[code.Statement]]:
    if isinstance(statement, code.If):
        return (statement.then, statement.otherwise)
    if isinstance(statement, code.Switch):
        return (*(case.body for case in statement.cases), statement.default)
    if isinstance(statement, code.For):
        return (statement.body,)
    return ()


def _expression(expression: code.Expression, touch: Touch) -> None:
    if isinstance(expression, code.ReadRegister):
        touch.reads.add(expression.register)
    elif isinstance(expression, (code.ReadMemory, code.ReadPhysical)):
        touch.may_raise = True
    elif isinstance(expression, code.Call):
        touch.calls.add(expression.function)
    for child in children(expression):
        _expression(child, touch)

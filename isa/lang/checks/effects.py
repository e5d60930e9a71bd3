"""What functions and forms touch, through all that they call: reads, writes, whether they may raise; and recursion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from ...model import code
from ...model import items as model
from ..lowering.base import children
from ..names.environment import Environment
from ..tree import Span


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


def complete_functions(env: Environment, spans: dict[str, Span]) -> dict[str, Touch]:
    """Closes what each function touches over its calls, rewrites `env.functions` with it, and reports recursion."""
    own = {name: touches(function.body) for name, function in env.functions.items()}
    closed: dict[str, Touch] = {}
    active: list[str] = []

    def close(name: str) -> Touch:
        if name in closed:
            return closed[name]
        if name not in own:
            return Touch()
        if name in active:
            circle = " → ".join([*active[active.index(name) :], name])
            if name in spans:
                env.problems.add(
                    "recursion", f"function '{name}' calls itself: {circle}", spans[name], "use a `for` loop"
                )
            return Touch()
        active.append(name)
        mine = own[name]
        total = Touch(set(mine.reads), set(mine.writes), set(mine.calls), mine.may_raise)
        for callee in sorted(mine.calls):
            inner = close(callee)
            total.reads |= inner.reads
            total.writes |= inner.writes
            total.may_raise |= inner.may_raise
        active.pop()
        closed[name] = total
        return total

    for name in own:
        total = close(name)
        env.functions[name] = msgspec.structs.replace(
            env.functions[name],
            may_raise=total.may_raise,
            reads=tuple(sorted(total.reads)),
            writes=tuple(sorted(total.writes)),
        )
    return closed


def complete_form(form: model.Form, closed: dict[str, Touch]) -> model.Form:
    """A form with what its body touches, callees included."""
    mine = touches(form.body)
    for callee in sorted(mine.calls | ({form.after} if form.after else set())):
        inner = closed.get(callee, Touch())
        mine.reads |= inner.reads
        mine.writes |= inner.writes
        mine.may_raise |= inner.may_raise
    return msgspec.structs.replace(
        form, may_raise=mine.may_raise, reads=tuple(sorted(mine.reads)), writes=tuple(sorted(mine.writes))
    )

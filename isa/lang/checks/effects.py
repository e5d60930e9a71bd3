"""What functions and forms touch, through all that they call: reads, writes, whether they may raise; and recursion."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ...model import items as model
from ..names.environment import Environment
from ..tree import Span
from ..units.touches import Touch, touches


def complete_functions(env: Environment, spans: dict[str, Span], known: Mapping[str, Touch]) -> dict[str, Touch]:
    """Closes what each function touches over its calls, rewrites `env.functions` with it, and reports recursion.

    `known`: what some of them touch by themselves.
    """
    own = {name: known.get(name) or touches(function.body) for name, function in env.functions.items()}
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


def complete_form(form: model.Form, closed: Mapping[str, Touch], own: Touch | None) -> model.Form:
    """A form with what its body touches, callees included. `own`: what is touched without these, if that is known."""
    own = own or touches(form.body)
    mine = Touch(set(own.reads), set(own.writes), own.calls, own.may_raise)
    for callee in sorted(mine.calls | ({form.after} if form.after else set())):
        inner = closed.get(callee, Touch())
        mine.reads |= inner.reads
        mine.writes |= inner.writes
        mine.may_raise |= inner.may_raise
    return msgspec.structs.replace(
        form, may_raise=mine.may_raise, reads=tuple(sorted(mine.reads)), writes=tuple(sorted(mine.writes))
    )

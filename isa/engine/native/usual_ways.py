"""Bodies without their unusual ways: what a variant's handler leaves to the form's own, so that the rest is quick.

To leave is right as long as nothing has changed. So a way that changes something is left where what comes behind it may
have to leave as well (an operand is flushed to zero before an addition, say); and an interrupt behind changes is left
at the beginning, by as much of its condition as the body does not change (whether such interrupts are enabled).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model import code
from ...model.items import Description
from ..purity import calls, walk
from .fold_facts import Facts

_ELSEWHERE = (code.Local, code.Builtin, code.Call, code.Special, code.ReadMemory, code.ReadPhysical)
"""What may be otherwise at the beginning."""
OWN: code.Body = (code.Raise(0, "", ()),)
"""Leaves to the form's own handler, as all interrupts of a quick body do."""


class UsualWays:
    """Looks at folded bodies of one description."""

    def __init__(self, description: Description, facts: Facts) -> None:
        self._functions = description.functions
        self._facts = facts

    def of(self, body: code.Body) -> code.Body:
        """The body where it does not leave, and what decides that it does."""
        written = frozenset(self._written(body))
        early: list[code.Expression] = []
        kept = self._arms(self._without_late(body, False, written, early), False, False)
        return (*(code.If(0, condition, OWN, ()) for condition in dict.fromkeys(early)), *kept)

    def _written(self, body: code.Body) -> Iterator[str]:
        for node in walk(body):
            if isinstance(node, code.SetRegister):
                yield node.register
        for name in calls(body):
            yield from self._functions[name].writes

    def _changes(self, body: code.Body) -> bool:
        return any(isinstance(node, (code.SetRegister, code.SetMemory)) for node in walk(body)) or any(
            self._functions[name].writes for name in calls(body)
        )

    def _without_late(
        self, body: Sequence[code.Statement], changed: bool, written: frozenset[str], early: list[code.Expression]
    ) -> code.Body:
        """The body without interrupts behind changes, as far as they can be told beforehand; adds how to `early`."""
        kept: list[code.Statement] = []
        for s in body:
            if isinstance(s, code.If):
                ends = s.then and isinstance(s.then[-1], code.Raise)
                known = self._early(s.condition, written) if changed and ends else None
                if known is not None:
                    early.append(known)
                    kept += self._without_late(s.otherwise, changed, written, early)
                    continue
                arms = [self._without_late(arm, changed, written, early) for arm in (s.then, s.otherwise)]
                s = code.If(s.line, s.condition, *arms)
            kept.append(s)
            changed = changed or self._changes((s,))
        return tuple(kept)

    def _early(self, condition: code.Expression, written: frozenset[str]) -> code.Expression | None:
        """A part of a condition that must hold if the whole does, and is the same when the body begins."""
        if isinstance(condition, code.Binary) and condition.operator == "&&":
            left, right = (self._early(side, written) for side in (condition.left, condition.right))
            return left if right is None else right if left is None else code.Binary("&&", left, right, 1)
        for node in walk(condition):
            if isinstance(node, _ELSEWHERE):
                return None
            if isinstance(node, code.ReadRegister) and node.register in written:
                return None
        return condition

    def _arms(self, body: Sequence[code.Statement], changed: bool, later: bool) -> code.Body:
        """The body without ways that are the first to change something; `later`: what comes behind it may leave."""
        kept: list[code.Statement] = []
        for at, s in enumerate(body):
            if isinstance(s, code.If):
                leaves = later or may_leave(body[at + 1 :])
                then, otherwise = (self._arms(arm, changed, leaves) for arm in (s.then, s.otherwise))
                if leaves and not changed:
                    if not self._changes(otherwise):
                        then = OWN if self._changes(then) else then
                    elif not self._changes(then):
                        otherwise = OWN
                s = code.If(s.line, s.condition, then, otherwise)
            kept.append(s)
            changed = changed or self._changes((s,))
        return tuple(kept)


def may_leave(body: Sequence[code.Statement]) -> bool:
    """Whether a quick body may have to leave to its form's own handler."""
    return any(
        isinstance(node, (code.Raise, code.ReadMemory, code.SetMemory))
        or (isinstance(node, (code.Builtin, code.BuiltinInto)) and node.name.startswith("fp_"))
        for node in walk(tuple(body))
    )

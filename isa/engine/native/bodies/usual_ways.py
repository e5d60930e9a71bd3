"""Bodies without their unusual ways: what a variant's handler leaves to the form's own, so that the rest is quick.

To leave is right as long as nothing has changed. So a way that changes something is left where what comes behind it may
have to leave as well (an operand is flushed to zero before an addition, say); and an interrupt behind changes is left
at the beginning, by as much of its condition as the body does not change (whether such interrupts are enabled).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

from ....model import code
from ....model.items import Description
from ...purity import walk

_ELSEWHERE = (code.Local, code.Builtin, code.Call, code.Special, code.ReadMemory, code.ReadPhysical)
"""What may be otherwise at the beginning."""
OWN: code.Body = (code.Raise(0, "", ()),)
"""Leaves to the form's own handler, as all interrupts of a quick body do."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Whether a statement may change something; whether it may leave to the form's own handler; what it writes."""

    changes: bool = False
    leaves: bool = False
    writes: frozenset[str] = frozenset()

    def __or__(self, other: _Seen) -> _Seen:
        return _Seen(self.changes or other.changes, self.leaves or other.leaves, self.writes | other.writes)


_NOTHING = _Seen()


class UsualWays:
    """Looks at folded bodies of one description."""

    def __init__(self, description: Description) -> None:
        self._functions = description.functions
        self._seen: dict[int, tuple[code.Statement, _Seen]] = {}
        """By the identity of statements, which stay that long, of the body that is looked at."""

    def of(self, body: code.Body) -> code.Body:
        """The body where it does not leave, and what decides that it does."""
        self._seen.clear()
        whole = self._look(body)
        if not (whole.changes and whole.leaves):
            return body
        early: list[code.Expression] = []
        timely = self._without_late(body, False, whole.writes, early)
        kept = self._arms(timely, False, False)
        return (*(code.If(0, condition, OWN, ()) for condition in dict.fromkeys(early)), *kept)

    def _look(self, body: Sequence[code.Statement]) -> _Seen:
        found = _NOTHING
        for s in body:
            found |= self._at(s)
        return found

    def _at(self, s: code.Statement) -> _Seen:
        known = self._seen.get(id(s))
        if known is None:
            if isinstance(s, code.If):
                found = self._own(s.condition) | self._look(s.then) | self._look(s.otherwise)
            else:
                found = self._own(s)
            known = self._seen[id(s)] = s, found
        return known[1]

    def _own(self, whole: code.Statement | code.Expression) -> _Seen:
        changes = leaves = False
        writes: set[str] = set()
        for node in walk(whole):
            if isinstance(node, code.SetRegister):
                writes.add(node.register)
            elif isinstance(node, (code.Call, code.CallInto)):
                writes.update(self._functions[node.function].writes)
            elif isinstance(node, code.SetMemory):
                changes = leaves = True
            elif isinstance(node, (code.Raise, code.ReadMemory)):
                leaves = True
            elif isinstance(node, (code.Builtin, code.BuiltinInto)):
                leaves = leaves or node.name.startswith("fp_")
        return _Seen(changes or bool(writes), leaves, frozenset(writes))

    def _without_late(
        self, body: Sequence[code.Statement], changed: bool, written: frozenset[str], early: list[code.Expression]
    ) -> code.Body:
        """The body without interrupts behind changes, as far as they can be told beforehand; adds how to `early`."""
        kept: list[code.Statement] = []
        for s in body:
            if not isinstance(s, code.If):
                kept.append(s)
            elif (known := self._late(s, written) if changed else None) is not None:
                early.append(known)
                kept += self._without_late(s.otherwise, changed, written, early)
            else:
                then, otherwise = (self._without_late(arm, changed, written, early) for arm in (s.then, s.otherwise))
                kept.append(_with_arms(s, then, otherwise))
            changed = changed or self._at(s).changes
        return tuple(kept)

    def _late(self, s: code.If, written: frozenset[str]) -> code.Expression | None:
        """How it can be told beforehand that a choice raises an interrupt."""
        return self._early(s.condition, written) if s.then and isinstance(s.then[-1], code.Raise) else None

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
        leaves = [later]
        for s in reversed(body):
            leaves.append(leaves[-1] or self._at(s).leaves)
        kept: list[code.Statement] = []
        for s, behind in zip(body, leaves[-2::-1], strict=True):
            if changed:
                return (*kept, *body[len(kept) :])
            if isinstance(s, code.If) and self._at(s).changes:
                kept.append(self._arm(s, behind))
            else:
                kept.append(s)
            changed = self._at(kept[-1]).changes
        return tuple(kept)

    def _leaves_late(self, body: Sequence[code.Statement], changed: bool) -> bool:
        """Whether something may leave behind a change: a second store, say."""
        for s in body:
            seen = self._at(s)
            if changed and seen.leaves:
                return True
            if isinstance(s, code.If) and any(self._leaves_late(arm, changed) for arm in (s.then, s.otherwise)):
                return True
            changed = changed or seen.changes
        return False

    def _arm(self, s: code.If, behind: bool) -> code.If:
        then, otherwise = (self._arms(arm, False, behind) for arm in (s.then, s.otherwise))
        if behind:
            if not self._look(otherwise).changes:
                then = OWN if self._look(then).changes else then
            elif not self._look(then).changes:
                otherwise = OWN
        late = self._leaves_late(then, False), self._leaves_late(otherwise, False)
        if late == (True, False):
            then = OWN
        elif late == (False, True):
            otherwise = OWN
        return _with_arms(s, then, otherwise)


def _with_arms(s: code.If, then: code.Body, otherwise: code.Body) -> code.If:
    if _same(then, s.then) and _same(otherwise, s.otherwise):
        return s
    return code.If(s.line, s.condition, then, otherwise)


def _same(one: code.Body, other: code.Body) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))

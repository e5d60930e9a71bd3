"""Removing from a folded body what nothing needs any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ....model import code
from ...purity import is_pure_builtin, walk
from .fold_facts import Facts

_MOST_TIMES = 4


def pruned(facts: Facts, body: code.Body) -> code.Body:
    """The body without variables that are not read, and choices between nothing and nothing."""
    for _ in range(_MOST_TIMES):
        read = Counter(node.name for node in walk(body) if isinstance(node, code.Local))
        made = _body(facts, body, read)
        if made == body:
            break
        body = made
    return body


def _body(facts: Facts, body: Sequence[code.Statement], read: Counter[str]) -> code.Body:
    made: list[code.Statement] = []
    for s in body:
        if isinstance(s, (code.Let, code.Set)):
            if not read[s.name] and _is_idle(facts, s.value):
                continue
        elif isinstance(s, code.Do):
            if _is_idle(facts, s.value):
                continue
        elif isinstance(s, code.BuiltinInto):
            if is_pure_builtin(s.name) and not any(map(read.__getitem__, filter(None, s.names))):
                continue
        elif isinstance(s, code.If):
            then, otherwise = _body(facts, s.then, read), _body(facts, s.otherwise, read)
            if not then and not otherwise and _is_idle(facts, s.condition):
                continue
            s = code.If(s.line, s.condition, then, otherwise)
        elif isinstance(s, code.Switch):
            cases = tuple(code.SwitchCase(case.ranges, _body(facts, case.body, read)) for case in s.cases)
            s = code.Switch(s.line, s.subject, cases, _body(facts, s.default, read))
        elif isinstance(s, code.For):
            inner = _body(facts, s.body, read)
            s = code.For(s.line, s.name, s.width, s.first, s.last, inner)
        made.append(s)
    return tuple(made)


def _is_idle(facts: Facts, e: code.Expression) -> bool:
    """Whether evaluating an expression has no effect."""
    for node in walk(e):
        if isinstance(node, (code.ReadMemory, code.ReadPhysical)):
            return False
        if isinstance(node, code.Builtin) and not is_pure_builtin(node.name):
            return False
        if isinstance(node, code.Call) and not facts.only_reads(node.function):
            return False
    return True

"""Makes typed code read as it was written: several results go straight to the names that the book gives them.

The loader binds a call's results to temporaries first, and each name to a temporary then. Where a temporary has no
other use, the call can bind the name itself.
"""

from __future__ import annotations

from collections import Counter

from ..model import code
from .purity import walk


def bind_directly(body: code.Body) -> code.Body:
    """The same body without the temporaries that are only renamed."""
    uses = Counter(node.name for node in walk(body) if isinstance(node, code.Local))
    uses.update(node.name for node in walk(body) if isinstance(node, code.Set))
    return _rewrite(body, uses)


def _rewrite(body: code.Body, uses: Counter[str]) -> code.Body:
    result: list[code.Statement] = []
    at = 0
    while at < len(body):
        statement = body[at]
        at += 1
        if isinstance(statement, (code.CallInto, code.BuiltinInto)):
            names = list(statement.names)
            while at < len(body):
                renamed = _renaming(body[at], names, uses)
                if renamed is None:
                    break
                position, name = renamed
                names[position] = name
                at += 1
            result.append(_with_names(statement, tuple(names)))
        else:
            result.append(_inside(statement, uses))
    return tuple(result)


def _renaming(statement: code.Statement, names: list[str], uses: Counter[str]) -> tuple[int, str] | None:
    """(which result, its new name) if a statement does nothing but name a result that has no other use."""
    if not isinstance(statement, code.Let) or not isinstance(statement.value, code.Local):
        return None
    temporary = statement.value.name
    if temporary not in names or uses[temporary] != 1:
        return None
    return names.index(temporary), statement.name


def _with_names(
    statement: code.CallInto | code.BuiltinInto, names: tuple[str, ...]
) -> code.CallInto | code.BuiltinInto:
    if isinstance(statement, code.CallInto):
        return code.CallInto(statement.line, names, statement.widths, statement.function, statement.arguments)
    return code.BuiltinInto(
        statement.line, names, statement.widths, statement.name, statement.arguments, statement.extra
    )


def _inside(statement: code.Statement, uses: Counter[str]) -> code.Statement:
    if isinstance(statement, code.If):
        then, otherwise = _rewrite(statement.then, uses), _rewrite(statement.otherwise, uses)
        return code.If(statement.line, statement.condition, then, otherwise)
    if isinstance(statement, code.Switch):
        cases = tuple(code.SwitchCase(case.ranges, _rewrite(case.body, uses)) for case in statement.cases)
        return code.Switch(statement.line, statement.subject, cases, _rewrite(statement.default, uses))
    if isinstance(statement, code.For):
        body = _rewrite(statement.body, uses)
        return code.For(statement.line, statement.name, statement.width, statement.first, statement.last, body)
    return statement

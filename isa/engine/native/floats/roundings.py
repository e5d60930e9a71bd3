"""Which floating-point operations surely have a rounding that there is: they never have to ask the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....model import code
from ...purity import walk
from .float_text import quick_of

_LAST = 4
"""The last rounding that there is."""
_SAFE_BITS = 2
"""Numbers of so many bits are roundings."""

Assigned = Mapping[str, Sequence[code.Expression]]
"""All that the variables of a body may be, but for what calls and loops give them."""


def assigned_values(body: code.Body) -> Assigned:
    """For a body."""
    found: dict[str, list[code.Expression]] = {}
    for node in walk(body):
        if isinstance(node, (code.Let, code.Set)):
            found.setdefault(node.name, []).append(node.value)
    return found


class Roundings:
    """Looks at the operations of one description."""

    def __init__(self, functions: Mapping[str, code.Function]) -> None:
        self._functions = functions
        self._returned: dict[str, bool] = {}

    def never_asks(
        self, name: str, arguments: Sequence[code.Expression], extra: tuple[int, ...], assigned: Assigned
    ) -> bool:
        """Whether a built-in is native floating point, whatever the operands."""
        quick = quick_of(name, tuple(argument.width for argument in arguments), extra)
        if quick is None:
            return False
        return not quick.rounds or self._is_rounding(arguments[-1], assigned, frozenset())

    def _is_rounding(self, e: code.Expression, assigned: Assigned, within: frozenset[str]) -> bool:
        if isinstance(e, code.Const):
            return e.value <= _LAST
        if isinstance(e, code.Extend):
            return not e.signed and e.operand.width <= _SAFE_BITS
        if isinstance(e, code.Select):
            return all(self._is_rounding(side, assigned, within) for side in (e.then, e.otherwise))
        if isinstance(e, code.Call):
            return self._returns_rounding(e.function)
        if not isinstance(e, code.Local) or e.name not in assigned or e.name in within:
            return False
        return all(self._is_rounding(value, assigned, within | {e.name}) for value in assigned[e.name])

    def _returns_rounding(self, function: str) -> bool:
        if function not in self._returned:
            body = self._functions[function].body
            assigned = assigned_values(body)
            results = [node.values[0] for node in walk(body) if isinstance(node, code.Return)]
            self._returned[function] = False  # Of one that calls itself nothing is known.
            self._returned[function] = bool(results) and all(
                self._is_rounding(result, assigned, frozenset()) for result in results
            )
        return self._returned[function]

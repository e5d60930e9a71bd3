"""Whether a body can do without the engine: it neither asks it for anything nor changes what is looked at between two
instructions, and finds out before it has changed anything if it cannot go on.

Such a body needs no fields of the vcpu but its registers. Loads and stores that hit are quick, those that miss are left
to the form's own handler, and so are interrupts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....model import code
from ....model.items import Description
from ...purity import calls, is_pure_builtin, walk
from ..floats import Assigned, assigned_values
from .effects import EffectsOf

_SPECIALS = ("cia", "word", "length")
LOAD_KIND, STORE_KIND = 0, 1
"""Kinds of accesses that the soft TLB serves inline."""


class Quickness:
    """Looks at bodies of one description."""

    def __init__(self, description: Description, effects: EffectsOf) -> None:
        self._functions = description.functions
        self._effects = effects

    def is_quick(self, body: code.Body) -> bool:
        """See above."""
        return self._behind(body, assigned_values(body), False) is not None

    def _behind(self, body: Sequence[code.Statement], assigned: Assigned, changed: bool) -> bool | None:
        """Whether something has changed behind a body; None where it is not quick."""
        for s in body:
            arms: list[code.Body] = []
            own: code.Body = (s,)
            if isinstance(s, code.If):
                arms, own = [s.then, s.otherwise], (code.Do(s.line, s.condition),)
            elif isinstance(s, code.Switch):
                arms, own = [*(case.body for case in s.cases), s.default], (code.Do(s.line, s.subject),)
            elif isinstance(s, code.For):
                arms, own = [s.body, s.body], (code.Do(s.line, s.first), code.Do(s.line, s.last))
            if not self._may_stand(own, assigned, changed):
                return None
            results: list[bool | None] = [self._behind(arm, assigned, changed) for arm in arms]
            if isinstance(s, code.For) and results[0] and not changed:
                # The second time round comes behind the first.
                results[1] = self._behind(s.body, assigned, True)
            if None in results:
                return None
            changed = changed or any(results) or self._changes(own)
        return changed

    def _changes(self, own: code.Body) -> bool:
        if isinstance(own[0], (code.SetRegister, code.SetMemory)):
            return True
        return any(self._functions[name].writes for name in calls(own))

    def _may_stand(self, own: code.Body, assigned: Assigned, changed: bool) -> bool:
        """Whether what a statement itself does is quick; it may stop only where nothing has changed."""
        for node in walk(own):
            if isinstance(node, (code.Leave, code.SetPhysical, code.ReadPhysical)):
                return False
            if isinstance(node, code.Raise) and changed:
                return False
            if isinstance(node, code.SetMemory) and (changed or node.kind != STORE_KIND):
                return False
            if isinstance(node, code.ReadMemory) and (changed or node.kind != LOAD_KIND):
                return False
            if isinstance(node, code.Special) and node.name not in _SPECIALS:
                return False
            if isinstance(node, (code.Builtin, code.BuiltinInto)) and not self._is_quick_builtin(node, assigned):
                return False
        return not any(self._interferes(name) for name in calls(own))

    def _is_quick_builtin(self, node: code.Builtin | code.BuiltinInto, assigned: Assigned) -> bool:
        if not node.name.startswith("fp_"):
            return is_pure_builtin(node.name)
        return self._effects.roundings.never_asks(node.name, node.arguments, node.extra, assigned)

    def _interferes(self, function: str) -> bool:
        effects = self._effects.function(function)
        return effects.fails or effects.next or effects.attends or effects.context or effects.observes

"""What folding needs to know of a description's functions, and of the nodes of its bodies.

Nodes are told apart by their identity: those of a description stay as long as it does.
"""

from __future__ import annotations

from ....model import code
from ....model.items import Description
from ...purity import calls, walk
from .effects import EffectsOf

_SMALL = 3
"""Statements of a function that is put in place of its call in any case."""
_LONG = 120
"""Nodes of the largest function that takes the place of its call so that nothing needs to be known around it."""


class Facts:
    """Answers are kept."""

    def __init__(self, description: Description, effects: EffectsOf) -> None:
        self.functions = description.functions
        self._effects = effects
        self._reads: dict[str, bool] = {}
        self._mutable: dict[int, frozenset[str]] = {}
        self._small: dict[str, bool] = {}
        self._meddles: dict[str, bool] = {}
        self._harmless: dict[int, bool] = {}
        self._returns: dict[int, bool] = {}

    def only_reads(self, name: str) -> bool:
        """Whether it does no harm to call a function too early, or once too often."""
        found = self._reads.get(name)
        if found is None:
            effects = self._effects.function(name)
            changes = effects.fails or effects.next or effects.attends or effects.context
            found = self._reads[name] = not changes and not self.functions[name].writes
        return found

    def mutable(self, body: code.Body) -> frozenset[str]:
        """The variables that a body assigns to."""
        found = self._mutable.get(id(body))
        if found is None:
            found = frozenset(node.name for node in walk(body) if isinstance(node, code.Set))
            self._mutable[id(body)] = found
        return found

    def is_harmless(self, e: code.Expression) -> bool:
        """Whether all functions that a description's expression calls only read."""
        if isinstance(e, (code.Const, code.Local)):
            return True
        found = self._harmless.get(id(e))
        if found is None:
            found = all(self.only_reads(name) for name in calls((code.Do(0, e),)))
            self._harmless[id(e)] = found
        return found

    def returns(self, s: code.If | code.Switch) -> bool:
        """Whether an arm of a description's choice ends the function."""
        found = self._returns.get(id(s))
        if found is None:
            found = self._returns[id(s)] = any(isinstance(node, code.Return) for node in walk(s))
        return found

    def is_small(self, name: str) -> bool:
        """Whether a function is a few plain statements."""
        if name not in self._small:
            body = self.functions[name].body
            plain = not any(isinstance(statement, (code.If, code.Switch, code.For)) for statement in body)
            self._small[name] = plain and len(body) <= _SMALL
        return self._small[name]

    def meddles(self, name: str) -> bool:
        """Whether a function that is called needs the vcpu's fields, or has floating point, which its statements in a
        body may not, or may have in fewer steps; only those that are not long."""
        if name not in self._meddles:
            effects = self._effects.function(name)
            known = effects.next or effects.observes or effects.fails or effects.floats
            known = known or bool(self.functions[name].results and self.functions[name].writes)
            self._meddles[name] = known and sum(1 for _ in walk(self.functions[name].body)) <= _LONG
        return self._meddles[name]

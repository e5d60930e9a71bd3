"""Which forms can be begun again from one of their accesses to memory, since nothing was done before.

Native code leaves an instruction that may come to a watched address, and the reference engine's way executes it anew.
So nothing must have been done by then. That holds where every access comes before all effects, or where all accesses of
the form lie close together and the first comes before all effects: it leaves if one of the others could be watched.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ....model import code
from ....model.code import Body
from ....model.items import Description, Form
from ...purity import calls, reachable, walk
from ..shared import LONGEST_REACH, Footprint
from .followed import Access, Followed


def _footprint(found: Collection[Access], reach: int) -> Footprint:
    kinds = 0
    for access in found:
        kinds |= access.kind
    first = {(access.address, access.size) for access in found if access.alone}
    origins = {access.address.origin for access in found}
    if len(first) != 1 or len(origins) != 1:
        return Footprint(reach, reach, kinds or 3)
    (address, size), = first
    if address.low != address.high:
        return Footprint(reach, reach, kinds)
    low = min(access.address.low for access in found)
    high = max(access.address.high + access.size for access in found)
    return Footprint(address.low - low, max(0, high - address.high - size), kinds)


class Restarts:
    """Answers for the forms of a description, each looked at when it is asked for."""

    def __init__(self, description: Description) -> None:
        self._functions = description.functions
        self._known: dict[str, int | None] = {}
        self._footprints: dict[tuple[str, int], Footprint] = {}
        names = [interrupt.function for interrupt in description.interrupts.values()]
        names += [hook for hook in description.hooks.values() if hook]
        hook = description.hooks.get("misaligned")
        quiet = not hook or not description.functions[hook].writes
        self.by_instructions_alone = quiet and not self.accesses(names)
        """Whether no hook and no entry of an interrupt accesses translated memory, or has effects before an access."""

    def reach(self, form: Form) -> int | None:
        """0: the form can be begun again from any of its accesses. n: from the first, and the others begin and end
        within n bytes around it. None: it cannot."""
        if form.name not in self._known:
            self._known[form.name] = self._find(form)
        return self._known[form.name]

    def footprint(self, form: Form, word: int) -> Footprint:
        """Of an instruction whose form has a reach."""
        if (form.name, word) not in self._footprints:
            followed = Followed(self._functions)
            followed.form(form, word)
            self._footprints[form.name, word] = _footprint(followed.found, self.reach(form) or 0)
        return self._footprints[form.name, word]

    def accesses_memory(self, form: Form) -> bool:
        """Whether a form may access translated memory."""
        names = [*calls(form.body), *([form.after] if form.after else [])]
        return _accesses(form.body) or self.accesses(names)

    def accesses(self, names: Sequence[str]) -> bool:
        """Whether some of these functions, or what they call, access translated memory."""
        return any(_accesses(self._functions[name].body) for name in reachable(self._functions, names))

    def _find(self, form: Form) -> int | None:
        if not self.accesses_memory(form):
            return 0
        followed = Followed(self._functions)
        followed.form(form)
        found = followed.found
        if any(access.late for access in found):
            return None
        if all(access.alone for access in found):
            return 0
        origins = {access.address.origin for access in found}
        span = max(access.address.high + access.size for access in found) - min(access.address.low for access in found)
        return span if len(origins) == 1 and span <= LONGEST_REACH else None


def _accesses(body: Body) -> bool:
    return any(isinstance(node, (code.ReadMemory, code.SetMemory)) for node in walk(body))

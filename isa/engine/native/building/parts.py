"""Cutting a description's native code in parts that are built, kept and loaded apart.

The core runs guests: interrupts, memory, translation, polls. The decoder finds forms. All else is loaded when it is
asked for: forms with their variants, some neighbours of the description in each part, and functions for Python to call.

A part's key is made of all that its code depends on, and of nothing else: another version of the description, or
another core of it, that has the same key has the same part.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from ....model.digest import digest_of_meaning
from ....model.items import Description, Form
from ...layout import layout_of
from ...purity import calls, reachable
from ..bodies import EffectsOf, needed_accesses, needed_functions
from ..shared import cpu_layout as cpu
from ..shared import ends_code
from .plans import Part, Plan

_FEW: Final = 60
"""Forms of a description that are one part."""
_LEAST: Final = 8
_MOST: Final = 48
"""Forms, or functions, of a part."""
_USUAL: Final = 16
_HOOKS_IN_FORMS: Final = ("big_endian",)
"""Hooks that handlers of forms have in place of their calls."""


class Planner:
    """Finds the parts of one description."""

    def __init__(self, description: Description, surroundings: str) -> None:
        """`surroundings`: what all code depends on besides the description: emitter and toolchain."""
        self._description = description
        self._surroundings = surroundings
        self._digests: dict[str, str] = {}

    @cached_property
    def core_functions(self) -> list[str]:
        """The described functions that the core has: what it calls by itself, directly or not."""
        found = set(reachable(self._description.functions, core_roots(self._description)))
        return [name for name in self._description.functions if name in found]

    @cached_property
    def _core(self) -> frozenset[str]:
        return frozenset(self.core_functions)

    def plan(self) -> Plan:
        """The parts, each by its number."""
        description = self._description
        frame = self._frame()
        core = self._key("core", frame, self.core_functions, needed_accesses(description))
        decoder = self._key("decoder", frame, self.core_functions, self._encodings())
        parts = [Part(core, functions=callable_of(description, self.core_functions)), Part(decoder)]
        for forms in _chunks(_by_instruction(description.forms.values())):
            found = [description.forms[name] for name in forms]
            key = self._key("forms", frame, functions_in_forms(description, found), digest_of_meaning(tuple(found)))
            parts.append(Part(key, forms=tuple(forms)))
        own = set(self.core_functions)
        others = callable_of(description, [name for name in needed_functions(description) if name not in own])
        for functions in _chunks([[name] for name in others]):
            key = self._key("functions", frame, functions, functions)
            parts.append(Part(key, functions=tuple(functions)))
        return tuple(parts)

    def _key(self, kind: str, frame: str, roots: Iterable[str], what: object) -> str:
        names = sorted(reachable(self._description.functions, sorted(set(roots))))
        rows = (f"{name} {self._digest(name)} {name in self._core}" for name in names)
        texts = [kind, self._surroundings, frame, str(what), *rows]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:24]

    def _digest(self, function: str) -> str:
        if function not in self._digests:
            self._digests[function] = digest_of_meaning(self._description.functions[function])
        return self._digests[function]

    def _frame(self) -> str:
        """What all parts depend on: where registers are, numbers, how hooks and interrupts are called.

        Which other functions of the core there are is no part's concern: those that it calls are in its key.
        """
        found = self._description
        effects = EffectsOf(found)
        signatures = [
            (name, [one.width for one in function.parameters], function.results, effects.function(name).fails)
            for name in core_roots(found)
            for function in [found.functions[name]]
        ]
        items = [dict(kind) for kind in (found.interrupts, found.exits, found.instruction_sets)]
        texts = [repr(layout_of(found)), *map(digest_of_meaning, items), repr(sorted(found.hooks.items()))]
        texts += [found.set_state, str(found.address_width), repr(signatures)]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()

    def _encodings(self) -> str:
        """What the decoder knows of forms."""
        functions = self._description.functions
        rows = [
            (form.name, form.instruction_set, form.length, form.mask, form.match, form.fields, form.excludes,
             ends_code(functions, form.body, True))
            for form in self._description.forms.values()
        ]  # fmt: skip
        return repr(rows)


def core_roots(description: Description) -> list[str]:
    """The functions that native code calls without any form's: hooks, interrupts, what tells instruction sets apart."""
    roots = [interrupt.function for interrupt in description.interrupts.values()]
    roots += [name for name in description.hooks.values() if name]
    roots += [description.set_state] if description.set_state else []
    return roots + [one.long for one in description.instruction_sets.values() if one.long]


def callable_of(description: Description, functions: Sequence[str]) -> tuple[str, ...]:
    """Those whose arguments and results find room, so that Python can call them."""
    found = description.functions
    return tuple(
        name for name in functions
        if len(found[name].parameters) <= cpu.PLACES and len(found[name].results) <= cpu.PLACES
    )  # fmt: skip


def functions_in_forms(description: Description, forms: Iterable[Form]) -> list[str]:
    """The functions that may stand in forms' handlers in place of their calls; and those that these call."""
    roots = [name for hook in _HOOKS_IN_FORMS if (name := description.hooks.get(hook))]
    roots += [description.set_state] if description.set_state else []
    for form in forms:
        roots += [*sorted(calls(form.body)), *([form.after] if form.after else [])]
    return list(dict.fromkeys(roots))


def _by_instruction(forms: Iterable[Form]) -> list[list[str]]:
    """The names of forms, those of an instruction together."""
    found: dict[str, list[str]] = {}
    for form in forms:
        found.setdefault(form.instruction, []).append(form.name)
    return list(found.values())


def _chunks(groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Neighbours together. Where they are cut depends on the names there: what is added changes few of the others."""
    if sum(map(len, groups)) <= _FEW:
        return [[name for group in groups for name in group]] if groups else []
    chunks: list[list[str]] = [[]]
    for group in groups:
        chunk = chunks[-1]
        if len(chunk) + len(group) > _MOST or (len(chunk) >= _LEAST and not zlib.crc32(group[0].encode()) % _USUAL):
            chunks.append([])
        chunks[-1] += group
    return [chunk for chunk in chunks if chunk]

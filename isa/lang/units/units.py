"""Makes what items come to, or takes it from what is kept."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from ...model import items as model
from ...model.digest import digest_of_meaning
from .. import tree
from ..names.environment import Environment, Wanted
from ..text.kept_trees import Plain, Reading
from ..tree import Item, Span
from .meanings import Meanings
from .store import Store
from .touches import Touch
from .unit import KeptWanted, Unit


@dataclass
class Digests:
    """What tells apart things that mean the same: by name; of forms their words and texts."""

    functions: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)

    def of(self, description: model.Description) -> str:
        """Of a whole description. What functions and forms touch follows from what they do, and is not looked at."""
        nothing: dict[str, object] = {"reads": (), "writes": (), "may_raise": False}
        told = [
            self.functions.get(name) or digest_of_meaning(replace(one, **nothing))
            for name, one in description.functions.items()
        ]
        told += [
            self.forms.get(name) or digest_of_meaning(replace(one, **nothing))
            for name, one in description.forms.items()
        ]
        told += [self.aliases.get(name) or digest_of_meaning(one) for name, one in description.aliases.items()]
        rest = replace(description, functions={}, forms={}, aliases={}, fingerprint="", edition="")
        return hashlib.sha256("\n".join([*told, digest_of_meaning(rest)]).encode()).hexdigest()[:24]


class Units:
    """Of one core, once its declarations are made."""

    def __init__(self, env: Environment, everywhere: Iterable[Item], store: Store) -> None:
        self._env = env
        self._store = store
        self._meanings = Meanings(env, everywhere)
        self.touched: dict[str, Touch] = {}
        """What functions touch by themselves."""
        self.forms_touched: dict[str, Touch] = {}
        self.digests = Digests()
        self.made = 0
        """How many units were made anew."""

    def of(self, kind: str, item: Item, make: Callable[[], Unit], more: str = "") -> Unit:
        """What `make` gives, with the functions that it adds to the environment and the instances that it asks for;
        kept where no problem was found. `more`: names that count beside the item's."""
        env = self._env
        key = self._meanings.key(kind, item, more)
        kept = self._store.find(item.span.file, key) if key else None
        if kept is not None:
            for function in kept.functions:
                env.functions[function.name] = function
            for asked in kept.wanted:
                if asked.name not in env.requested:
                    env.request(asked.name, asked.generic, _Call(asked.call, item.span.file))
            self._note(kept)
            return kept
        problems = env.problems
        before = problems.attempts, len(problems.warnings)
        count, first = len(env.functions), len(env.asked)
        made = make()
        self.made += 1
        added = [*itertools.islice(reversed(env.functions), len(env.functions) - count)]
        functions = tuple(env.functions[name] for name in reversed(added))
        wanted = tuple(dict.fromkeys(_kept(one) for one in env.asked[first:]))
        unit = replace(made, functions=functions, wanted=wanted)
        if not key or (problems.attempts, len(problems.warnings)) != before:
            return unit
        unit = unit.complete()
        self._store.put(item.span.file, key, unit)
        self._note(unit)
        return unit

    def _note(self, unit: Unit) -> None:
        names = [one.name for one in unit.functions]
        forms = [one.name for one in unit.forms]
        touched = [one.touch() for one in unit.touched]
        meanings = iter(unit.meanings)
        self.touched.update(zip(names, touched, strict=False))
        self.forms_touched.update(zip(forms, touched[len(names) :], strict=False))
        self.digests.functions.update(zip(names, meanings, strict=False))
        self.digests.forms.update(zip(forms, meanings, strict=False))
        self.digests.aliases.update(zip((one.name for one in unit.aliases), meanings, strict=False))
        self.digests.encodings.update(zip(forms, unit.encodings, strict=False))


class _Call:
    """Arguments and place of a call that asks for an instance, made when somebody wants them."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self._file = file

    def __call__(self) -> tuple[tuple[tree.Expression, ...], Span]:
        withins, cells, span = msgspec.json.decode(self.text)
        reading = Reading(self._file, withins)
        return reading.value(cells), reading.value(span)


def _kept(one: Wanted) -> KeptWanted:
    if isinstance(one.call, _Call):
        return KeptWanted(one.name, one.generic, one.call.text)
    plain = Plain()
    cells, span = one.call()
    told = [plain.of(tuple(cells)), plain.of(span)]
    return KeptWanted(one.name, one.generic, msgspec.json.encode([plain.withins, *told]).decode())



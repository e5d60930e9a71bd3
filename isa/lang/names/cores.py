"""Cores: which features they have, and the symbol tables of the items that this leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..text.sources import namespace
from ..tree import Item
from ..tree.diagnostics import Note, Problems
from .environment import Environment


@dataclass(frozen=True)
class CoreChoice:
    """A core by name, its item, and all features that it has."""

    name: str
    item: Item | None
    features: frozenset[str]


def cores(items: Iterable[Item], problems: Problems) -> list[CoreChoice]:
    """The cores that the items declare; one nameless core with all features if there is none."""
    items = list(items)
    needs = {item.name: [name.name for name in item.modifiers.requires] for item in items if item.kind == "feature"}
    found = []
    for item in items:
        if item.kind != "core":
            continue
        groups: Any = item.parts.get("features", [])
        named = [name for group in groups for name in group if name.name != "none"]
        for name in named:
            if name.name not in needs:
                Environment(problems, known_features=frozenset(needs)).check_features([name])
        features = {name.name for name in named}
        for name in named:
            for needed in needs.get(name.name, ()):
                if needed not in features:
                    problems.add(
                        "feature",
                        f"feature '{name.name}' requires '{needed}', which core '{item.name}' does not list",
                        name.span,
                    )
        found.append(CoreChoice(item.name, item, frozenset(features)))
    return found or [CoreChoice("", None, frozenset(needs))]


def environment_for(items: Iterable[Item], core: CoreChoice, problems: Problems) -> Environment:
    """Symbol tables with the items that a core has."""
    items = list(items)
    env = Environment(
        problems, core.name, core.features, frozenset(item.name for item in items if item.kind == "feature")
    )
    for item in items:
        env.check_features(item.modifiers.requires)
        if env.enabled(item):
            table = env.items.setdefault(namespace(item.kind), {})
            if item.name in table:
                problems.add(
                    "duplicate",
                    f"{item.kind} '{item.name}' is declared twice for core '{core.name}'",
                    item.span,
                    "give one of them another name, or let them require features that no core has together",
                    [Note("first declared here", table[item.name].span)],
                )
                continue
            table[item.name] = item
        else:
            env.items.setdefault("gated", {})[f"{item.kind} {item.name}"] = item
    settings: Any = core.item.parts.get("setting", []) if core.item is not None else []
    env.settings = {setting.name: setting for setting in settings}
    return env

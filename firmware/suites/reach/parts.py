"""What of a description has a name, and which statements belong to it: the parts that weights and reports know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from ....isa.engine.coverage import bodies
from ....isa.engine.purity import calls
from ....isa.model.items import Description


class Part(msgspec.Struct, frozen=True):
    """An instruction, a call, an interrupt, or a subject of a generator's; and the packed lines of its statements."""

    kind: str
    name: str
    lines: frozenset[int]


_SUBJECTS: Final = {
    "translation": ("power/storage_control/", "arm/memory/"),
    "exits": ("power/interrupts/", "power/hypervisor/"),
}
"""Subjects of generators that are no single item: by the files that they are about (the first words of their names)."""


def parts(description: Description) -> list[Part]:
    """All parts that have statements."""
    found = bodies(description)
    lines = {one.name: one.lines for one in found if one.kind == "function"}
    instructions: dict[str, set[int]] = {}
    for one in found:
        if one.kind == "form":
            instructions.setdefault(description.forms[one.name].instruction, set()).update(one.lines)
    result = [Part("instruction", name, frozenset(own)) for name, own in instructions.items()]
    for name, call in description.hypercalls.items():
        own = lines.get(call.function, frozenset()) if call.function else frozenset()
        for called in _below(description, call.function):
            own |= lines.get(called, frozenset())
        if own:
            result.append(Part("hcall", name, own))
    result += [Part("interrupt", one.name, one.lines) for one in found if one.kind == "interrupt"]
    every = frozenset(line for one in found for line in one.lines)
    for subject, names in _SUBJECTS.items():
        files = {number for number, name in enumerate(description.files) if name.startswith(names)}
        own = frozenset(line for line in every if line >> 20 in files)
        if own:
            result.append(Part("subject", subject, own))
    return result


def _below(description: Description, function: str) -> set[str]:
    """Functions that a function calls, at any depth."""
    found: set[str] = set()
    waiting = [function]
    while waiting:
        known = description.functions.get(waiting.pop())
        if known is None:
            continue
        more = calls(known.body) - found
        found |= more
        waiting += more
    return found


def files_of(description: Description, lines: Iterable[int]) -> dict[str, list[int]]:
    """Packed lines by file."""
    found: dict[str, list[int]] = {}
    for line in sorted(lines):
        found.setdefault(description.files[line >> 20], []).append(line & 0xFFFFF)
    return found

"""What stands above instructions and functions in an editor: how much of them tests have executed, who names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from .declared import Declared
from .project import Project

COVERAGE: Final = ".trapline-coverage.json"
"""What `trapline suite cover --json` has written, at the top of a workspace."""


class Part(msgspec.Struct):
    """A form, function or interrupt: statements that were executed, of how many."""

    kind: str
    name: str
    run: int
    all: int


def read_coverage(path: Path) -> dict[str, list[Part]]:
    """The parts of a coverage file by name; nothing where there is none, or none that can be read."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[Part])
    except (OSError, msgspec.DecodeError):
        return {}
    parts: dict[str, list[Part]] = {}
    for one in found:
        parts.setdefault(one.name, []).append(one)
    return parts


def lenses(project: Project, path: Path, coverage: dict[str, list[Part]]) -> Iterator[tuple[Declared, str]]:
    """The text above each instruction, function, interrupt and call of a file."""
    file = project.file(path)
    named = _named(project)
    for one in file.declared if file is not None else ():
        if one.kind not in ("instruction", "function", "interrupt", "hypercall"):
            continue
        said = []
        forms = [form for found in project.descriptions[:1] for form in found.forms.values()
                 if form.instruction == one.name and one.kind == "instruction"]  # fmt: skip
        if len(forms) > 1:
            said.append(f"{len(forms)} forms")
        parts = [part for name in {one.name, *(form.name for form in forms)} for part in coverage.get(name, ())]
        if parts:
            run, every = sum(part.run for part in parts), sum(part.all for part in parts)
            said.append(f"{run} of {every} statements executed")
        elif coverage:
            said.append("not executed by any test")
        if one.kind == "function":
            uses = named.get(one.name, 0)
            said.append(f"named by {uses} item{'' if uses == 1 else 's'}")
        if said:
            yield one, " · ".join(said)


def _named(project: Project) -> dict[str, int]:
    """By name, how many items mention it beside itself."""
    counts: dict[str, int] = {}
    for item in project.items:
        for name in item.mentions.split(" "):
            if name != item.name:
                counts[name] = counts.get(name, 0) + 1
    return counts

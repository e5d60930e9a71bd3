"""What a suite reaches, in words: parts of the description by how much of them is executed, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ....isa.engine.coverage import statement_lines
from ....isa.model.items import Description
from .collecting import Reach
from .parts import files_of, parts


class Covered(msgspec.Struct, frozen=True):
    """A part: how many of its statements are executed, of how many; and where the others stand, by file."""

    kind: str
    name: str
    run: int
    all: int
    missing: dict[str, list[int]]


def covered(reach: Reach, description: Description) -> list[Covered]:
    """Parts that some test executes, or a subject or call of which none does; those with most missing first."""
    found = []
    for part in parts(description):
        missing = part.lines - reach.lines
        if len(missing) == len(part.lines) and part.kind in ("instruction", "interrupt"):
            continue
        ran = len(part.lines) - len(missing)
        found.append(Covered(part.kind, part.name, ran, len(part.lines), files_of(description, missing)))
    return sorted(found, key=lambda one: (one.run - one.all, one.kind, one.name))


def told(reach: Reach, description: Description, most: int = 40) -> Iterator[str]:
    """Lines for people."""
    every = statement_lines(description)
    yield f"{len(reach.lines & every)} of {len(every)} statements of {description.core} are executed"
    lines = sum(len(one) for one in reach.models.values())
    yield f"{lines} lines of hypervisor models are executed, in {len(reach.models)} files"
    found = [one for one in covered(reach, description) if one.run < one.all]
    for one in found[:most]:
        places = "; ".join(f"{file}:{spans(where)}" for file, where in one.missing.items())
        yield f"  {one.kind:11} {one.name:28} {one.run:3} of {one.all:3}  missing {places[:160]}"
    if len(found) > most:
        yield f"  and {len(found) - most} more that are executed in part"


def spans(lines: list[int]) -> str:
    """`3-5,9`."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in found)

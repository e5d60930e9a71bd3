"""A test's source, read back as a case: what `making.source` has written, with its steps and its code."""

from __future__ import annotations

import re
from typing import Final

from ..making.case import Allowed, Case, Check, Step
from ..making.guests import GuestLibrary
from ..making.manifest import CaseManifest, StepManifest

_BEGIN: Final = re.compile(r"^step_(\d+):$")
_TABLES: Final = "checks_1:"


def case_of(manifest: CaseManifest, source: str, library: GuestLibrary) -> Case:
    """The case that a test was made of, without what only chose it (weights, conditions of its checks)."""
    lines = source.splitlines()
    end = next(at for at, one in enumerate(lines) if one.split() == ["b", "suite_end"])
    steps = tuple(
        _step(manifest.steps[number], code, after)
        for number, (code, after) in enumerate(_code(lines[:end], library.comment))
    )
    tables = lines.index(_TABLES)
    data = tuple(one for one in lines[end + 2 : tables - 2] if one.strip())
    return Case(manifest.name, manifest.title, steps, manifest.tags, data)


def _code(lines: list[str], remark: str) -> list[tuple[list[str], list[str]]]:
    """Each step's code, and what is behind its last instruction."""
    found: list[tuple[list[str], list[str]]] = []
    inside = is_behind = False
    for line in lines:
        plain = line.strip()
        words = plain.split()
        if _BEGIN.match(plain) is not None:
            found.append(([], []))
            inside, is_behind = True, False
        elif not inside or not plain or plain.startswith(remark) or words[0] == "step":
            continue
        elif words[0] == "record":
            inside = False
        elif plain == f".global step_{len(found)}_last":
            continue
        elif plain == f"step_{len(found)}_last:":
            is_behind = True
        elif is_behind and _is_behind_the_last(found[-1]):
            found[-1][1].append(plain)
        else:
            found[-1][0].append(plain)
            if is_behind:
                found[-1][1].append("")
    return [(code, [one for one in after if one]) for code, after in found]


def _is_behind_the_last(step: tuple[list[str], list[str]]) -> bool:
    return bool(step[1])


def _step(manifest: StepManifest, code: list[str], after: list[str]) -> Step:
    checks = tuple(Check(one["word"], int(one["mask"], 16), one.get("note", "")) for one in manifest.expected)
    allowed = tuple(Allowed(name, int(value, 16)) for name, value in manifest.allowed.items())
    return Step(manifest.title, tuple(code), checks, manifest.rule, (), allowed, tuple(after), manifest.covers)

"""Steering: what a suite has not reached is made more of.

Weights are by the names of parts (instructions, calls, subjects of generators). A part whose statements, or whose
return codes, are all reached keeps its weight of 1; one of which nothing is has the greatest.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ....isa.model.items import Description
from ..making.manifest import CaseManifest
from ..running.runner import BuiltSuite
from .collecting import Reach
from .parts import parts

_GREATEST: Final = 4.0


def weights(suite: BuiltSuite, reach: Reach, description: Description) -> tuple[tuple[str, float], ...]:
    """By name, those that are not 1. The same reach has the same weights."""
    missed: dict[str, float] = {}
    for part in parts(description):
        share = len(part.lines - reach.lines) / len(part.lines)
        if share < 1 or part.kind != "instruction":
            # An instruction that no test executes at all is none of this suite's.
            missed[part.name] = max(missed.get(part.name, 0.0), share)
    for name, share in _codes_missed(suite).items():
        missed[name] = max(missed.get(name, 0.0), share)
    return tuple((name, round(1 + (_GREATEST - 1) * share, 2)) for name, share in sorted(missed.items()) if share)


def _codes_missed(suite: BuiltSuite) -> dict[str, float]:
    """Of each call, the share of its return codes that no test comes to."""
    every: dict[str, set[str]] = {}
    came: dict[str, set[str]] = {}
    for entry in suite.manifest.tests:
        manifest = msgspec.json.decode((suite.folder / entry.manifest).read_bytes(), type=CaseManifest)
        for step in manifest.steps:
            for name in (what.removeprefix("hcall ") for what in step.covers if what.startswith("hcall ")):
                if not step.allowed or not step.expected:
                    continue
                every.setdefault(name, set()).update(step.allowed)
                value = step.expected[0]["value"]
                codes = {code for code, number in step.allowed.items() if int(number, 16) == int(value, 16)}
                came.setdefault(name, set()).update(codes)
    return {name: len(codes - came[name]) / len(codes) for name, codes in every.items()}

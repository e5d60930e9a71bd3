"""What regions are written against: what is found in a description, once."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ....model.items import Description
from ...purity import functions_with_state
from ..bodies import Unit
from ..building import host_has_fma
from .pieces import Pieces


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every region of a description is made from."""

    unit: Unit
    pieces: Pieces
    harmless: frozenset[str]
    """Functions that depend on their arguments alone: see `harmless_functions`."""

    def is_harmless(self, function: str) -> bool:
        """Whether a function may be computed, with any arguments, though nobody needs the result."""
        return function in self.harmless


@functools.lru_cache(maxsize=8)
def _facts(fingerprint: str) -> list[tuple[Unit, Pieces, frozenset[str]]]:
    return []


def surroundings_of(description: Description) -> Surroundings:
    """Found once."""
    known = _facts(description.fingerprint)
    if not known:
        unit = Unit(description, host_has_fma())
        known.append((unit, Pieces(description, unit.layout), harmless_functions(unit)))
    unit, pieces, harmless = known[0]
    return Surroundings(unit, pieces, harmless)


def harmless_functions(unit: Unit) -> frozenset[str]:
    """Functions of one result that need no state and nothing that could fail."""
    functions = unit.description.functions
    stateful = functions_with_state(functions)
    return frozenset(
        name for name, function in functions.items()
        if name not in stateful and len(function.results) == 1 and not unit.fails(name) and not unit.floats(name)
    )  # fmt: skip

"""What regions are written against: what is found in a description, once."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ....cache_files import cache_directory, digest_of, kept, remove_old
from ....model.items import Description
from ...purity import functions_with_state
from ..bodies import Unit, with_lanes
from ..building import host_has_fma
from .pieces import Pieces, cuts_of


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


class _Found(msgspec.Struct, frozen=True):
    """What is found by looking through all of a description: kept, as that takes from tenths of a second to seconds."""

    cuts: dict[str, list[int]]
    harmless: list[str]

    @classmethod
    def of(cls, description: Description, unit: Unit) -> _Found:
        """A description's: looked for once for all processes."""

        def make() -> bytes:
            return msgspec.json.encode(cls(cuts_of(description, unit.layout), sorted(harmless_functions(unit))))

        if not description.fingerprint:
            return msgspec.json.decode(make(), type=cls)
        writers = digest_of("facts", [_HOME / name for name in _LOOKING])
        key = hashlib.sha256(f"{description.fingerprint} {writers}".encode()).hexdigest()[:24]
        path = cache_directory() / f"{key}{_FACTS}"
        known = path.exists()
        content = kept(path, make)
        if not known:
            remove_old(path.parent, rf"[0-9a-f]{{24}}{re.escape(_FACTS)}", _MOST_FACTS)
        try:
            return msgspec.json.decode(content, type=cls)
        except ValueError:
            return msgspec.json.decode(make(), type=cls)


_FACTS = ".facts"
_MOST_FACTS = 16
"""Descriptions of which this is kept."""
_HOME = Path(__file__).resolve().parents[2]
_LOOKING = (
    "purity.py", "native/regions/pieces.py", "native/regions/machine.py", "native/bodies/effects.py",
    "native/floats/roundings.py",
)  # fmt: skip
"""What looks, below the engines' folder."""


@functools.lru_cache(maxsize=8)
def _facts(fingerprint: str) -> list[tuple[Unit, Pieces, frozenset[str]]]:
    return []


def surroundings_of(description: Description) -> Surroundings:
    """Found once."""
    known = _facts(description.fingerprint)
    if not known:
        found = _Found.of(description, Unit(description, host_has_fma()))
        unit = Unit(with_lanes(description), host_has_fma())
        known.append((unit, Pieces(found.cuts, unit.layout), frozenset(found.harmless)))
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

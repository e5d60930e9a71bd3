"""What one engine's native code is written against: addresses that do not change while the engine lives."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ....model.items import Description
from ..compiler import host_has_fma
from ..unit import Unit
from .pieces import Pieces


@dataclass(frozen=True, slots=True)
class Host:
    """Addresses: the tables of translations, wider scopes' blocks by field offset, handlers by form, special ones."""

    loads: int
    stores: int
    blocks: dict[int, int]
    handlers: dict[str, int]
    special: dict[str, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every region of an engine is made from."""

    unit: Unit
    pieces: Pieces
    host: Host


@functools.lru_cache(maxsize=8)
def _facts(fingerprint: str) -> list[tuple[Unit, Pieces]]:
    return []


def surroundings_of(description: Description, host: Host) -> Surroundings:
    """For one engine; what depends on the description alone is found once."""
    known = _facts(description.fingerprint)
    if not known:
        unit = Unit(description, host_has_fma())
        known.append((unit, Pieces(description, unit.layout)))
    return Surroundings(*known[0], host)

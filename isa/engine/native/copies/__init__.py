"""Copying stencils: what they are, the numbers that go into them, and which one fits an instruction."""

from __future__ import annotations

from .numbers import Given, Mode, Settled, TooMuchError, parts_of
from .records import (
    HOSTS,
    HOT,
    INDIRECT,
    LONGEST_CODE,
    MISS,
    NEXT,
    OWN,
    WAY,
    Accesses,
    Cell,
    Constant,
    Fix,
    Hole,
    Jump,
    Kit,
    Modes,
    Piece,
    Stencil,
    Wanted,
    way_number,
)
from .shelf import Copy, Shelf

__all__ = [
    "HOSTS",
    "HOT",
    "INDIRECT",
    "LONGEST_CODE",
    "MISS",
    "NEXT",
    "OWN",
    "WAY",
    "Accesses",
    "Cell",
    "Constant",
    "Copy",
    "Fix",
    "Given",
    "Hole",
    "Jump",
    "Kit",
    "Mode",
    "Modes",
    "Piece",
    "Settled",
    "Shelf",
    "Stencil",
    "TooMuchError",
    "Wanted",
    "parts_of",
    "way_number",
]

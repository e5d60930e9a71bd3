"""Writing regions: hot code as native functions, each a small graph of guest blocks with registers in SSA values."""

from __future__ import annotations

from .blocks import Instruction
from .grow import grow
from .leaving import Page
from .machine import Surroundings, surroundings_of
from .modes import Modes
from .pieces import Piece
from .region import Plan

__all__ = [






    "Instruction",
    "Modes",
    "Page",
    "Piece",
    "Plan",
    "Surroundings",

    "grow",


    "surroundings_of",
]

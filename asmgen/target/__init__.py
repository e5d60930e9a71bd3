"""The seam between the assembler proper and an architecture: plain facts, and what reads instructions."""

from __future__ import annotations

from .seam import InstructionReader, Pending, Target
from .traits import DwarfTraits, ElfTraits, InstructionSet

__all__ = ["DwarfTraits", "ElfTraits", "InstructionReader", "InstructionSet", "Pending", "Target"]

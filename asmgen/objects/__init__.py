"""From a laid-out assembly to files: bytes, symbols, ELF, DWARF."""

from __future__ import annotations

from .emission import program_of
from .executable import executable
from .image import Image
from .program import ImageSection, ImageSymbol, Program

__all__ = ["Image", "ImageSection", "ImageSymbol", "Program", "executable", "program_of"]

"""Assembler, disassembler, linker and Python builder, all driven by descriptions.

`assemble(sources, target, layout)` makes an `Image` (ELF file, symbols, segments) or raises
`AssemblyErrors`; `target_for(description)` is the architecture as the assembler sees it.

The names are looked up when they are used: the command line imports this package for `--help`, too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .assembler import assemble
    from .builder import Builder
    from .described import DescribedTarget, target_for
    from .diagnostics import AssemblyErrors, Diagnostic, Place
    from .disassembler import Disassembled, Disassembler
    from .image import Image, ImageSection, ImageSymbol
    from .source import Source
    from .target import Layout, Target

_HOMES = {
    "AssemblyErrors": "diagnostics",
    "Builder": "builder",
    "DescribedTarget": "described",
    "Diagnostic": "diagnostics",
    "Disassembled": "disassembler",
    "Disassembler": "disassembler",
    "Image": "image",
    "ImageSection": "image",
    "ImageSymbol": "image",
    "Layout": "target",
    "Place": "diagnostics",
    "Source": "source",
    "Target": "target",
    "assemble": "assembler",
    "target_for": "described",
}

__all__ = [
    "AssemblyErrors",
    "Builder",
    "DescribedTarget",
    "Diagnostic",
    "Disassembled",
    "Disassembler",
    "Image",
    "ImageSection",
    "ImageSymbol",
    "Layout",
    "Place",
    "Source",
    "Target",
    "assemble",
    "target_for",
]


def __getattr__(name: str) -> object:
    """The public name, from the module that it lives in.  Raises AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)

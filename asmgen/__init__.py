"""Assembler, disassembler, linker and Python builder, all driven by descriptions.

`assemble(sources, target, layout)` makes an `Image` (ELF file, symbols, segments) or raises
`AssemblyErrors`; `target_for(description)` is the architecture as the assembler sees it.

The way of a source through the rooms: `text` (lines, statements), `expansion` (macros, conditions), `first_pass`
(statements into an assembly, by `directives` and `instructions`), `layout` (sections, symbols, addresses), `objects`
(bytes, ELF, DWARF).  `expressions` and `target` are what these speak in; `disassembly` goes the other way.

The names are looked up when they are used: the command line imports this package for `--help`, too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .assembler import assemble
    from .builder import Builder
    from .catalog import BitLayout, Catalog, Memory
    from .disassembly import Disassembled, Disassembler
    from .instructions import DescribedTarget, target_for
    from .layout import Layout
    from .objects import Image, ImageSection, ImageSymbol
    from .target import Target
    from .text import AssemblyErrors, Diagnostic, Place, Source

_HOMES = {
    "AssemblyErrors": "text",
    "BitLayout": "catalog",
    "Builder": "builder",
    "Catalog": "catalog",
    "DescribedTarget": "instructions",
    "Diagnostic": "text",
    "Disassembled": "disassembly",
    "Disassembler": "disassembly",
    "Image": "objects",
    "ImageSection": "objects",
    "ImageSymbol": "objects",
    "Layout": "layout",
    "Memory": "catalog",
    "Place": "text",
    "Source": "text",
    "Target": "target",
    "assemble": "assembler",
    "target_for": "instructions",
}

__all__ = [
    "AssemblyErrors",
    "BitLayout",
    "Builder",
    "Catalog",
    "DescribedTarget",
    "Diagnostic",
    "Disassembled",
    "Disassembler",
    "Image",
    "ImageSection",
    "ImageSymbol",
    "Layout",
    "Memory",
    "Place",
    "Source",
    "Target",
    "assemble",
    "target_for",
]


def __getattr__(name: str) -> object:
    """The public name, from the room that it lives in.  Raises AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)

"""Relocatable objects: what a linker has to fill in, and the ELF file that says so."""

from __future__ import annotations

from .assemble import assemble_object

__all__ = ["assemble_object"]

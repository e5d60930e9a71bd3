"""Stencils: each instruction's code with holes, compiled once for a description, to be copied by whoever needs it."""

from __future__ import annotations

from .copies import Copy, Shelf, way_number
from .records import INDIRECT, MISS, NEXT, OWN, Kit, Stencil, Wanted

__all__ = ["INDIRECT", "MISS", "NEXT", "OWN", "Copy", "Kit", "Shelf", "Stencil", "Wanted", "way_number"]

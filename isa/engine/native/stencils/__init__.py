"""Stencils: each instruction's code with holes, compiled once for a description, to be copied by whoever needs it."""

from __future__ import annotations

from .wanted import Maker

__all__ = ["Maker"]

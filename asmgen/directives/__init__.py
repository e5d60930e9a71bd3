"""Directives: what each of them adds to an assembly."""

from __future__ import annotations

from .table import DIRECTIVES

__all__ = ["DIRECTIVES"]

"""Floating point in IR: by the host's instructions where these are exact, by integers elsewhere."""

from __future__ import annotations

from .float_text import adjusts, directed, emit_quick, flags_text, quick_of, quick_texts, usual_text
from .quick import FORMATS, QUICK_FLAGS, Format, Quick
from .roundings import Assigned, Roundings, assigned_values

__all__ = [
    "FORMATS",
    "QUICK_FLAGS",
    "Assigned",
    "Format",
    "Quick",
    "Roundings",
    "adjusts",
    "assigned_values",
    "directed",
    "emit_quick",
    "flags_text",
    "quick_of",
    "quick_texts",
    "usual_text",
]

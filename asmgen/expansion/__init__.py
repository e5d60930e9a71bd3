"""From the statements of a file to plain ones: macros, repetitions, conditions, includes."""

from __future__ import annotations

from .expander import Expander, ExpansionHost

__all__ = ["Expander", "ExpansionHost"]

"""Instructions by description: mnemonics, operands, candidates, words; and the `Target` that a description makes."""

from __future__ import annotations

from .described import DescribedTarget, target_for

__all__ = ["DescribedTarget", "target_for"]

"""How far the accesses of one instruction to memory reach (see `restart`)."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_REACH = 1040
"""Bytes that the accesses of a form may span."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes before and behind the first access of an instruction to which others extend; all kinds of them (1 loads,
    2 stores)."""

    before: int
    behind: int
    kinds: int

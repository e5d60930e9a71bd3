"""How far the accesses of one instruction to memory reach (see `restart`)."""

from __future__ import annotations

import msgspec

LONGEST_REACH = 1040
"""Bytes that the accesses of a form may span."""


class Footprint(msgspec.Struct, frozen=True):
    """Bytes before and behind the first access of an instruction to which others extend; all kinds of them (1 loads,
    2 stores)."""

    before: int
    behind: int
    kinds: int

"""Addresses that do not change while an engine lives."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Host(msgspec.Struct, frozen=True):
    """Addresses: the tables of translations, wider scopes' blocks by field offset, forms' own handlers as far as they
    are loaded, special ones, and what finds places for stores beside code."""

    loads: int
    stores: int
    blocks: dict[int, int]
    handlers: Mapping[str, int]
    special: dict[str, int]
    beside: int

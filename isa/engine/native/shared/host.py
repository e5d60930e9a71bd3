"""Addresses that do not change while an engine lives."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Host(msgspec.Struct, frozen=True):
    """Addresses: the tables of translations, wider scopes' blocks by field offset, forms' own handlers, form and number
    of variants by handler, both as far as they are loaded, special ones, and what finds places for stores beside code.
    """

    loads: int
    stores: int
    blocks: dict[int, int]
    handlers: Mapping[str, int]
    variants: Mapping[int, tuple[str, int]]
    special: dict[str, int]
    beside: int

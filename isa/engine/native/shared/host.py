"""Addresses that do not change while an engine lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Host(msgspec.Struct, frozen=True):
    """Addresses: the tables of translations, wider scopes' blocks by field offset, handlers by form, form and number of
    variants by handler, special ones, and
    what finds places for stores beside code."""

    loads: int
    stores: int
    blocks: dict[int, int]
    handlers: Callable[[], Mapping[str, int]]
    variants: Callable[[], Mapping[int, tuple[str, int]]]
    special: dict[str, int]
    beside: int

"""A region in its place: loaded, bound to one engine and to one page of it."""

from __future__ import annotations

from collections import Counter

from ..shared import (
    BESIDE,
    ENTRIES,
    LOADS,
    MISSES,
    REGION,
    STORES,
    Area,
    CodePage,
    Host,
    block_symbol,
    handler_symbol,
    plain,
    special_symbol,
)
from .loaded import LoadedRegion
from .requests import Facts, Made

_MISSES = 64
"""How often a region may be entered with other modes than it was made for, before it is looked at again."""


class Region:
    """Dropping the last reference frees its code. Raises EngineError where it cannot be loaded."""

    def __init__(self, made: Made, page: CodePage, address: int, outside: Outside) -> None:
        """`address` is the guest page's."""
        self.facts: Facts = made.facts
        self.page = page
        self._misses = Area(8)
        self._misses.words[0] = _MISSES
        self._loaded = LoadedRegion(made.image, REGION, outside.of(page, self._misses))
        self.offsets = frozenset(offset for offset, _, _ in made.facts.instructions)
        self.header = made.facts.pc - address
        self.hot: Counter[int] = Counter()
        """How often places in it got hot by themselves."""
        page.install(self.header, self._loaded.address, self)

    @property
    def length(self) -> int:
        """How many instructions there are."""
        return len(self.offsets)


class Outside:
    """What the regions of one engine refer to, by symbol: see `symbols`."""

    def __init__(self, host: Host) -> None:
        self._seen = 0
        self._entries, self._misses = plain(ENTRIES), plain(MISSES)
        self._fixed = {plain(LOADS): host.loads, plain(STORES): host.stores, plain(BESIDE): host.beside}
        self._fixed |= {plain(block_symbol(field)): address for field, address in host.blocks.items()}
        self._fixed |= {plain(special_symbol(name)): address for name, address in host.special.items()}
        self._handlers = host.handlers

    def of(self, page: CodePage, misses: Area) -> dict[str, int]:
        """The values for a region in a page."""
        if self._seen != len(self._handlers):
            # More of them have been loaded.
            self._seen = len(self._handlers)
            self._fixed |= {plain(handler_symbol(form)): address for form, address in self._handlers.items()}
        return self._fixed | {self._entries: page.area.address, self._misses: misses.address}

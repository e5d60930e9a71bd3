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
        self._entries, self._misses = _plain(ENTRIES), _plain(MISSES)
        self._fixed = {_plain(LOADS): host.loads, _plain(STORES): host.stores, _plain(BESIDE): host.beside}
        self._fixed |= {_plain(block_symbol(field)): address for field, address in host.blocks.items()}
        self._fixed |= {_plain(special_symbol(name)): address for name, address in host.special.items()}
        self._fixed |= {_plain(handler_symbol(form)): address for form, address in host.handlers().items()}

    def of(self, page: CodePage, misses: Area) -> dict[str, int]:
        """The values for a region in a page."""
        return self._fixed | {self._entries: page.area.address, self._misses: misses.address}


def _plain(symbol: str) -> str:
    """A symbol as an object has it."""
    return symbol.removeprefix("@").strip('"')

"""The soft TLB: cached translations, by context tag, virtual page and class of access.

A page is 4 KiB. An entry leads straight to RAM: (ram, delta) with `address + delta` the offset in that RAM. Pages that
are not RAM, that are watched, or (for stores) that hold decoded code have no entry, so that every access to them takes
the slow path, which looks at everything.
"""

from __future__ import annotations

import msgspec

from .decoded import Decoded
from .interface import Ram

PAGE_BITS = 12
PAGE_SIZE = 1 << PAGE_BITS
MAXIMUM_ENTRIES = 1 << 14
"""Entries of one table; when it is full, it is emptied."""
MAXIMUM_CONTEXTS = 64

RamTable = dict[int, tuple[Ram, int]]
HotTable = dict[int, Decoded]


class Context(msgspec.Struct, eq=False):
    """The cached translations of one context tag.

    `loads` and `stores` serve the kinds 0 and 1. `fetches` maps a virtual page to its physical page's address. `hot`
    maps, for each instruction set's code, the address of an instruction to the instruction, decoded. `devices` maps a
    virtual page to where there is no RAM: (physical page's address, kinds that may go there).
    """

    loads: RamTable = msgspec.field(default_factory=dict)
    stores: RamTable = msgspec.field(default_factory=dict)
    fetches: dict[int, int] = msgspec.field(default_factory=dict)
    hot: dict[int, HotTable] = msgspec.field(default_factory=dict)
    devices: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)

    def clear(self) -> None:
        """Forgets everything; the tables stay the same objects."""
        self.loads.clear()
        self.stores.clear()
        self.fetches.clear()
        self.devices.clear()
        self.clear_hot()

    def clear_hot(self) -> None:
        """Forgets decoded instructions."""
        for table in self.hot.values():
            table.clear()

    def drop_page(self, page: int) -> None:
        """Forgets one virtual page."""
        self.loads.pop(page, None)
        self.stores.pop(page, None)
        self.fetches.pop(page, None)
        self.devices.pop(page, None)
        self.clear_hot()


class SoftTlb:
    """All contexts of one vcpu."""

    def __init__(self) -> None:
        self._contexts: dict[int, Context] = {}

    def context(self, tag: int) -> Context:
        """The context of a tag; a new one if there is none. Beyond MAXIMUM_CONTEXTS, the others are emptied."""
        found = self._contexts.get(tag)
        if found is None:
            if len(self._contexts) >= MAXIMUM_CONTEXTS:
                self.clear()
                self._contexts.clear()
            found = self._contexts[tag] = Context()
        return found

    def clear(self) -> None:
        """Forgets everything."""
        for context in self._contexts.values():
            context.clear()

    def drop(self, tag: int, mask: int) -> None:
        """Forgets the contexts whose tag is `tag` in the bits of `mask`."""
        for own, context in self._contexts.items():
            if own & mask == tag & mask:
                context.clear()

    def drop_page(self, page: int) -> None:
        """Forgets a virtual page in all contexts."""
        for context in self._contexts.values():
            context.drop_page(page)

    def drop_stores(self) -> None:
        """Forgets where stores may go straight to RAM."""
        for context in self._contexts.values():
            context.stores.clear()

    def drop_hot(self) -> None:
        """Forgets decoded instructions."""
        for context in self._contexts.values():
            context.clear_hot()

"""Breakpoints of the native engine: pages at addresses that have some are decoded apart from the same pages elsewhere.

So code at other addresses knows nothing of them, and a debugger that takes its breakpoints away at each stop, and sets
them again, finds what was decoded and compiled.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ...softtlb import PAGE_BITS, PAGE_SIZE
from ..shared import Area
from ..shared import cpu_layout as cpu
from .decode import NativeDecode

_ALL = (0, 0)
_NONE: frozenset[int] = frozenset()


class NativeStops(NativeDecode):
    """Overrides which breakpoints a page has."""

    def prepare_stops(self) -> None:
        """Before there are breakpoints."""
        self._stops: dict[int, frozenset[int]] = {}
        self._stop_pages = Area(16 * cpu.MOST_STOP_PAGES)
        self.words[cpu.STOP_PAGES >> 3] = self._stop_pages.address

    def stops_in(self, pc: int) -> frozenset[int]:
        """See `NativePages`."""
        return self._stops.get(pc >> PAGE_BITS, _NONE)

    def set_breakpoints(self, addresses: AbstractSet[int]) -> None:
        """See `Engine`."""
        for address in self.breakpoints - addresses:
            self.remove_breakpoint(address)
        for address in addresses - self.breakpoints:
            self.add_breakpoint(address)

    def add_breakpoint(self, address: int) -> None:
        """See `Engine`."""
        if address not in self.breakpoints:
            self.breakpoints.add(address)
            page = address >> PAGE_BITS
            self._put_stops(page, self._stops.get(page, _NONE) | {address & PAGE_SIZE - 1})

    def remove_breakpoint(self, address: int) -> None:
        """See `Engine`."""
        if address in self.breakpoints:
            self.breakpoints.remove(address)
            page = address >> PAGE_BITS
            self._put_stops(page, self._stops[page] - {address & PAGE_SIZE - 1})

    def _put_stops(self, page: int, offsets: frozenset[int]) -> None:
        """Has the page found anew where it is seen with these breakpoints; native code leaves what it has not
        been decoded with to `find_page`."""
        known = page in self._stops
        if offsets:
            self._stops[page] = offsets
        else:
            del self._stops[page]
        if known != bool(offsets):
            self._tell_pages()
        self.stops_changed(page, offsets)

    def _tell_pages(self) -> None:
        """A page is told by {address, mask}; too many are all pages."""
        pages = [(page << PAGE_BITS, (1 << 64) - PAGE_SIZE) for page in self._stops]
        pages = pages if len(pages) <= cpu.MOST_STOP_PAGES else [_ALL]
        for at, (address, mask) in enumerate(pages):
            self._stop_pages.words[2 * at], self._stop_pages.words[2 * at + 1] = address, mask
        self.words[cpu.STOP_COUNT >> 3] = len(pages)

"""Breakpoints of the native engine: pages at addresses that have some are decoded apart from the same pages elsewhere.

So code at other addresses knows nothing of them, and a debugger that takes its breakpoints away at each stop, and sets
them again, finds what was decoded and compiled.
"""

from __future__ import annotations

from ...softtlb import PAGE_BITS, PAGE_SIZE
from ..shared import Area
from ..shared import cpu_layout as cpu
from .decode import NativeDecode

_ALL = (0, 0)


class NativeStops(NativeDecode):
    """Overrides which breakpoints a page has."""

    def prepare_stops(self) -> None:
        """Before there are breakpoints."""
        self._stops: dict[int, frozenset[int]] = {}
        self._stop_pages = Area(16 * cpu.MOST_STOP_PAGES)
        self.words[cpu.STOP_PAGES >> 3] = self._stop_pages.address

    def stops_in(self, pc: int) -> frozenset[int]:
        """See `NativeFetch`."""
        return self._stops.get(pc >> PAGE_BITS, frozenset())

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """See `Engine`. The pages of these addresses are found anew; native code leaves that to `find_page`."""
        self.breakpoints = frozenset(addresses)
        found: dict[int, set[int]] = {}
        for address in addresses:
            found.setdefault(address >> PAGE_BITS, set()).add(address & PAGE_SIZE - 1)
        self._stops = {page: frozenset(offsets) for page, offsets in found.items()}
        # A page is told by {address, mask}; too many are all pages.
        pages = [(page << PAGE_BITS, (1 << 64) - PAGE_SIZE) for page in self._stops]
        pages = pages if len(pages) <= cpu.MOST_STOP_PAGES else [_ALL]
        for at, (address, mask) in enumerate(pages):
            self._stop_pages.words[2 * at], self._stop_pages.words[2 * at + 1] = address, mask
        self.words[cpu.STOP_COUNT >> 3] = len(pages)
        self._native_fetches.clear()

"""The decoded pages of code, and how native code finds them: by address, context, and the breakpoints seen there."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ...errors import Interrupt
from ...fetch import MAXIMUM_PAGES
from ...interface import FETCH
from ...softtlb import PAGE_BITS, PAGE_SIZE
from ..shared import CodePage, PageKey
from ..shared import cpu_layout as cpu
from .fetch import NativeFetch, index_of

_FEW_CONTEXTS = 8
"""With more of them it is quicker to clear a table than to look for a page in each."""
_PAGE_MAP = 1 << cpu.PAGE_MAP_BITS


class NativePages(NativeFetch):
    """Enters pages of code where native code looks for them."""

    def find_page(self, pc: int) -> bool:
        """Enters the page of `pc` for fetching; whether it can be: code outside RAM is executed one by one.

        Raises Interrupt where it cannot be fetched from.
        """
        chosen = self.present_set()
        self.cia = pc
        self.nia = (pc + chosen.unit) & self.address_mask
        here = self.here()
        if pc & (chosen.unit - 1):
            return False
        base = here.fetches.get(pc >> PAGE_BITS)
        if base is None:
            self.physical(pc, FETCH, FETCH)
            base = here.fetches.get(pc >> PAGE_BITS)
        if base is None or here is not self._here or not self.is_ram(base, PAGE_SIZE):
            return False
        stops = self.stops_in(pc)
        key = PageKey(base >> PAGE_BITS, chosen.code, self.fetches_big_endian(), stops)
        page = self.code_page(key, chosen.unit, pc)
        context = self._key(here)
        odd = chosen.code & 1
        number = index_of(pc >> PAGE_BITS, context) | odd << cpu.TLB_BITS
        self._note_filled(number)
        at = number * cpu.FETCH_ENTRY >> 3
        self._native_fetches.words[at] = (pc & -PAGE_SIZE) | context | chosen.code
        self._native_fetches.words[at + 1] = page.area.address
        if stops:
            return True
        if not page.is_open:
            # Else it would be the next that native code asks for.
            self.open_page(page, base)
        place = (base >> PAGE_BITS & (_PAGE_MAP - 1)) ^ odd << cpu.PAGE_MAP_BITS - 1
        at = place * cpu.PAGE_MAP_ENTRY >> 3
        self._page_map.words[at] = base | self.fetches_big_endian() << 5 | 1 << 4 | chosen.code
        self._page_map.words[at + 1] = page.area.address
        return True

    def find_both(self, pc: int) -> None:
        """Enters the page of the instruction at `pc`, and the one behind it in which the instruction goes on, as far as
        they can be fetched from: whoever executes it sees to what is wrong."""
        for address in (pc, (pc | PAGE_SIZE - 1) + 1 & self.address_mask):
            with suppress(Interrupt):
                self.find_page(address)

    def open_page(self, page: CodePage, base: int) -> bool:
        """Lets native code decode in the page at a physical address; whether it may."""
        raise NotImplementedError

    def stops_in(self, pc: int) -> frozenset[int]:
        """Offsets of breakpoints in the page of an address."""
        raise NotImplementedError

    def threshold_at(self, pc: int) -> int:
        """After how many arrivals code in the page of an address is hot."""
        raise NotImplementedError

    def code_pages(self) -> Iterable[CodePage]:
        """All decoded pages."""
        return self._native_pages.values()

    def stops_changed(self, page: int, stops: frozenset[int]) -> None:
        """The page at an address has breakpoints at these offsets now, in all contexts: native code enters it as it is
        decoded with those."""
        if len(self._numbers) > _FEW_CONTEXTS:
            self._native_fetches.clear()
            return
        words = self._native_fetches.words
        for context in self._numbers.values():
            number = index_of(page, context << cpu.CONTEXT_SHIFT)
            for place in (number, number + cpu.APART):
                at = place * cpu.FETCH_ENTRY >> 3
                if words[at] and words[at] >> PAGE_BITS == page:
                    words[at + 1] = self._with_stops(words[at + 1], page, stops)

    def _with_stops(self, entries: int, page: int, stops: frozenset[int]) -> int:
        """The address of the entries of the same page with other breakpoints."""
        found = self._other_stops.get((entries, stops))
        if found is None:
            key = self._keys[entries]
            other = PageKey(key.number, key.set_code, key.big_endian, stops)
            found = self.code_page(other, self._sets[key.set_code].unit, page << PAGE_BITS).area.address
            if len(self._other_stops) >= MAXIMUM_PAGES:
                self._other_stops.clear()
            if entries in self._keys:  # Else all pages were given up for this one.
                self._other_stops[entries, stops] = found
        return found

    def fetches_big_endian(self) -> bool:
        return self._fetch_order_hook is not None and bool(self._fetch_order_hook())

    def code_page(self, key: PageKey, unit: int, pc: int) -> CodePage:
        page = self._native_pages.get(key)
        if page is None:
            if len(self._native_pages) >= MAXIMUM_PAGES:
                self._native_fetches.clear()
                self._page_map.clear()
                self._native_pages.clear()
                self._by_number.clear()
                self._keys.clear()
                self._other_stops.clear()
            undecoded, jump = (self.code.special[name] for name in ("undecoded", "jump"))
            page = CodePage.make(unit, undecoded, jump, self.threshold_at(pc), key.stops)
            self._native_pages[key] = page
            self._keys[page.area.address] = key
            self._by_number.setdefault(key.number, []).append(page)
        return page

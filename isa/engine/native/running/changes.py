"""Stores to code: which pages and words code is decoded from, and what is forgotten when they change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...interface import ByteOrder
from ...softtlb import PAGE_BITS, PAGE_SIZE
from .code_pages import NativePages

if TYPE_CHECKING:
    from ...decoded import Decoded


class NativeChanges(NativePages):
    """Keeps the marks of code in step with what is decoded."""

    def holds_code(self, number: int, offset: int, size: int) -> bool:
        """Whether this vcpu has code from some bytes of a page."""
        if any(page.overlaps(offset, size) for page in self._by_number.get(number, ())):
            return True
        return self.decoded_there(number, offset, size)

    def drop_code(self, pa: int, size: int) -> bool:
        """See `Peer`."""
        kept = super().drop_code(pa, size)
        last = (pa + size - 1) >> PAGE_BITS
        numbers = range(pa >> PAGE_BITS, last + 1) if size < 1 << 32 else list(self._by_number)
        for number in numbers:
            for page in self._by_number.get(number, ()):
                if page.overlaps(pa - (number << PAGE_BITS), size):
                    page.clear()
                elif page.has_code():
                    kept = True
                else:  # Stores to it need not be told any more.
                    page.close()
        return kept

    def code_changed(self, pa: int, size: int) -> None:
        """See `PhysicalPath`. The marks of a page that holds no more code stay until it holds some again: the first
        store to one of them asks, and finds that it need not any more."""
        super().code_changed(pa, size)
        first, last = pa >> PAGE_BITS, (pa + size - 1) >> PAGE_BITS
        pages = self.peers.code_pages
        for number in range(first, last + 1) if last - first < len(pages) else sorted(pages):
            if number in pages and first <= number <= last:
                start = pa - (number << PAGE_BITS)
                self.decoded_words.look_again(
                    number, max(0, start), min(PAGE_SIZE, start + size), partial(self._any_holds, number)
                )

    def _any_holds(self, number: int, offset: int, size: int) -> bool:
        engines = (engine for engine in self.peers.engines if isinstance(engine, NativeChanges))
        return any(engine.holds_code(number, offset, size) for engine in engines)

    def _keep(self, pa: int, key: tuple[int, int, ByteOrder], decoded: Decoded) -> None:
        super()._keep(pa, key, decoded)
        self.decoded_words.mark(pa >> PAGE_BITS, key[0], decoded.length)

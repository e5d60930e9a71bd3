"""Which words of RAM code was decoded from: a bit for each, shared by the engines of a machine.

Stores into a page that holds code are native where they touch no such word. A mark may be old, a missing one never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import msgspec

from ...interface import Slot
from ...softtlb import PAGE_BITS
from ...state import Peers
from . import cpu_layout as cpu
from .area import LazyArea

_WORD = 1 << cpu.WORD_BITS
_LINE = 64
"""Bytes that are looked at together when marks are taken away."""
_ALL, _NONE = b"\xff" * cpu.PAGE_WORDS, bytes(cpu.PAGE_WORDS)
_SLACK = 8
"""Native code reads so many bytes at once."""

Holds = Callable[[int, int], bool]
"""Whether code is decoded from some bytes of a page, by offset and size."""


class PageMarks(msgspec.Struct, frozen=True):
    """A page's, and where they stand."""

    address: int
    bits: memoryview

    def mark(self, offset: int, length: int) -> None:
        """Notes that an instruction was decoded, which stands in no more than two words."""
        word = offset >> cpu.WORD_BITS
        self.bits[word >> 3] |= 1 << (word & 7)
        last = (offset + length - 1) >> cpu.WORD_BITS
        if last != word:
            self.bits[last >> 3] |= 1 << (last & 7)


class DecodedWords:
    """A map for each slot of RAM that native code reaches; all are forgotten when slots were added or removed."""

    def __init__(self) -> None:
        self._maps: dict[int, tuple[Slot, LazyArea]] = {}

    def show(self, slot: Slot, code_pages: Iterable[int]) -> int:
        """The address of a slot's map, less what stands before its first page's in a map from address 0 on.

        Where code was decoded before the map was made, in these page numbers, all words are marked.
        """
        first = slot.base >> PAGE_BITS
        if slot.base not in self._maps:
            area = LazyArea((slot.size >> PAGE_BITS) * cpu.PAGE_WORDS + _SLACK)
            self._maps[slot.base] = slot, area
            for page in code_pages:
                found = self.of(page)
                if found is not None:
                    found.bits[:] = _ALL
        return self._maps[slot.base][1].address - first * cpu.PAGE_WORDS

    def forget(self) -> None:
        """Drops the maps: native code must not reach them any more."""
        self._maps.clear()

    def of(self, page: int) -> PageMarks | None:
        """Those of a physical page number; None where native code does not reach it."""
        for slot, area in self._maps.values():
            number = page - (slot.base >> PAGE_BITS)
            if 0 <= number < slot.size >> PAGE_BITS:
                start = number * cpu.PAGE_WORDS
                return PageMarks(area.address + start, area.view[start : start + cpu.PAGE_WORDS])
        return None

    def mark(self, page: int, offset: int, length: int) -> None:
        """Notes that an instruction of a page was decoded, or nothing where native code does not reach it."""
        found = self.of(page)
        if found is not None:
            found.mark(offset, length)

    def clear(self, page: int) -> None:
        """Nothing is decoded from a page any more."""
        found = self.of(page)
        if found is not None:
            found.bits[:] = _NONE

    def look_again(self, page: int, start: int, end: int, holds: Holds) -> None:
        """Takes away marks of the bytes from offset `start` to `end`, which no code is decoded from now, and old ones
        around them."""
        found = self.of(page)
        if found is None:
            return
        lows = (low for low in (start & -_LINE, start & -_WORD) if low == start or not holds(low, start - low))
        highs = (high for high in (_up(end, _LINE), _up(end, _WORD)) if high == end or not holds(end, high - end))
        first, last = next(lows, _up(start, _WORD)), next(highs, end & -_WORD)
        if first < last:
            cleared = int.from_bytes(found.bits, "little") & ~_words(first, last - first)
            found.bits[:] = cleared.to_bytes(cpu.PAGE_WORDS, "little")


def words_of(peers: Peers) -> DecodedWords:
    """Those of a machine."""
    found = _of_machine.get(peers)
    if found is None:
        found = _of_machine[peers] = DecodedWords()
    return found


_of_machine: WeakKeyDictionary[Peers, DecodedWords] = WeakKeyDictionary()


def _up(offset: int, size: int) -> int:
    return -(-offset // size) * size


def _words(offset: int, size: int) -> int:
    return (1 << (size >> cpu.WORD_BITS)) - 1 << (offset >> cpu.WORD_BITS)


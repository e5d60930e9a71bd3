"""Which words of RAM code was decoded from: a bit for each, shared by the engines of a machine.

Stores into a page that holds code are native where they touch no such word. A mark may be old, a missing one never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

from ..interface import Slot
from ..softtlb import PAGE_BITS, PAGE_SIZE
from ..state import Peers
from . import cpu_layout as cpu
from .area import LazyArea

_WORD = 1 << cpu.WORD_BITS
_LINE = 64
"""Bytes that are looked at together when marks are taken away."""
_ALL = (1 << (PAGE_SIZE >> cpu.WORD_BITS)) - 1
_SLACK = 8
"""Native code reads so many bytes at once."""

Holds = Callable[[int, int], bool]
"""Whether code is decoded from some bytes of a page, by offset and size."""


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
                marks = self.marks(page)
                if marks is not None:
                    _set(marks, _ALL)
        return self._maps[slot.base][1].address - first * cpu.PAGE_WORDS

    def forget(self) -> None:
        """Drops the maps: native code must not reach them any more."""
        self._maps.clear()

    def marks(self, page: int) -> memoryview | None:
        """The bits of a physical page number; None where native code does not reach it."""
        found = self._find(page)
        return None if found is None else found[0].view[found[1] : found[1] + cpu.PAGE_WORDS]

    def address(self, page: int) -> int:
        """Where the bits of a page stand, 0 where there are none."""
        found = self._find(page)
        return 0 if found is None else found[0].address + found[1]

    def _find(self, page: int) -> tuple[LazyArea, int] | None:
        for slot, area in self._maps.values():
            number = page - (slot.base >> PAGE_BITS)
            if 0 <= number < slot.size >> PAGE_BITS:
                return area, number * cpu.PAGE_WORDS
        return None

    def mark(self, page: int, offset: int, length: int) -> None:
        """Notes that code was decoded from `length` bytes of a page."""
        marks = self.marks(page)
        if marks is not None:
            mark_words(marks, offset, length)

    def clear(self, page: int) -> None:
        """Nothing is decoded from a page any more."""
        marks = self.marks(page)
        if marks is not None:
            _set(marks, 0)

    def look_again(self, page: int, start: int, end: int, holds: Holds) -> None:
        """Takes away marks of the bytes from offset `start` to `end`, which no code is decoded from now, and old ones
        around them."""
        marks = self.marks(page)
        if marks is None:
            return
        lows = (low for low in (start & -_LINE, start & -_WORD) if low == start or not holds(low, start - low))
        highs = (high for high in (_up(end, _LINE), _up(end, _WORD)) if high == end or not holds(end, high - end))
        first, last = next(lows, _up(start, _WORD)), next(highs, end & -_WORD)
        if first < last:
            _set(marks, int.from_bytes(marks, "little") & ~_words(first, last - first))


def mark_words(marks: memoryview, offset: int, length: int) -> None:
    """Marks the words of a page that some of its bytes belong to."""
    last = min(offset + length, PAGE_SIZE) - 1
    for word in range(offset >> cpu.WORD_BITS, (last >> cpu.WORD_BITS) + 1):
        marks[word >> 3] |= 1 << (word & 7)


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


def _set(marks: memoryview, value: int) -> None:
    marks[:] = value.to_bytes(len(marks), "little")

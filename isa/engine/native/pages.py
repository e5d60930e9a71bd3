"""Decoded pages: for each unit of a physical page of code, the handler to call and the instruction's word."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from . import cpu_layout as cpu
from .area import Area

_PAGE = 4096
_LONGEST = 4
"""Bytes of the longest instruction."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page as one instruction set and byte order read it."""

    number: int
    set_code: int
    big_endian: bool


@dataclass(slots=True, eq=False)
class CodePage:
    """Entries of one page, `unit` bytes of code each, and one behind the last that leads to the next page.

    `offsets` are those with a decoded instruction.
    """

    unit: int
    empty: bytes
    area: Area
    offsets: set[int] = field(default_factory=set)

    @classmethod
    def make(cls, unit: int, undecoded: int, jump: int) -> CodePage:
        """A page of which nothing is decoded."""
        count = _PAGE // unit
        empty = struct.pack("<QII", undecoded, 0, 0) * count + struct.pack("<QII", jump, 0, 0)
        page = cls(unit, empty, Area(len(empty)))
        page.clear()
        return page

    def clear(self) -> None:
        """Nothing is decoded any more; the entries stay where they are."""
        self.area.view[:] = self.empty
        self.offsets.clear()

    def put(self, offset: int, handler: int, word: int, length: int) -> None:
        """Sets the entry of the instruction at `offset`."""
        start = offset // self.unit * cpu.CODE_ENTRY
        struct.pack_into("<QII", self.area.view, start, handler, word, length)
        self.offsets.add(offset)

    def forget(self, offset: int) -> None:
        """Has the instruction at `offset` decoded again."""
        start = offset // self.unit * cpu.CODE_ENTRY
        self.area.view[start : start + cpu.CODE_ENTRY] = self.empty[start : start + cpu.CODE_ENTRY]

    def overlaps(self, start: int, size: int) -> bool:
        """Whether an instruction was decoded from some of `size` bytes from offset `start`."""
        if size <= _LONGEST * 2:
            return not self.offsets.isdisjoint(range(start - _LONGEST + 1, start + size))
        return any(start - _LONGEST < offset < start + size for offset in self.offsets)

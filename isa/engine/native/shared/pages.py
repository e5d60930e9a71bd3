"""Decoded pages: for each unit of a physical page of code, the handler to call and the instruction's word."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

import msgspec

from . import cpu_layout as cpu
from .area import Area
from .decoded_words import PageMarks

_PAGE = 4096
_ENTRY = struct.Struct("<QIHH")
"""Handler, word, length, counter."""
_COUNTER = struct.Struct("<H")
_HANDLER = 8
"""Bytes of the first."""
_HOST = struct.Struct("<Q")
_PAGE_END = struct.Struct("<QH?5xQ")
"""See `cpu_layout.PAGE_END`."""
_COUNTS = 1 << 16
_LONGEST = 4
"""Bytes of the longest instruction."""


class CompiledCode(Protocol):
    """A region: `offsets` are those of its instructions, `hot` says how often each got hot by itself."""

    offsets: frozenset[int]
    hot: Counter[int]


class PageKey(msgspec.Struct, frozen=True):
    """A page as one instruction set and byte order read it; `stops` are the offsets of breakpoints, where it is seen at
    an address that has some."""

    number: int
    set_code: int
    big_endian: bool
    stops: frozenset[int] = frozenset()


class MadeOf(msgspec.Struct, frozen=True):
    """Of what a unit was made: the guest page's address, the instruction set, the registers then (see
    `State.snapshot`)."""

    address: int
    set_name: str
    state: bytes


class CopiedCode(Protocol):
    """A unit: `offsets` are those of its instructions."""

    offsets: frozenset[int]
    length: int
    behind: int | None

    @property
    def made(self) -> MadeOf:
        """Of what it was made."""

    @property
    def ways(self) -> frozenset[int]:
        """Addresses that its branches lead to which say so themselves."""

    @property
    def executed(self) -> int:
        """Instructions, about."""

    @property
    def heat(self) -> int:
        """How often it has been arrived at."""

    @property
    def is_told(self) -> bool:
        """Whether its counter has told that it is hot, and has not been set since."""

    def rewind(self, limit: int) -> None:
        """Has it told as hot after so many more arrivals."""


class CodePage(msgspec.Struct, eq=False):
    """Entries of one page, `unit` bytes of code each, and behind the last those that lead to the next page.

    What differs from `empty` has been decoded. An entry counts how often it was jumped to; after
    `threshold` times the instruction is hot. `regions` are compiled code by the offset where it is entered;
    `refused` the offsets where there can be none; `units` and `unfit` are the same for copied code. `changes` counts
    up whenever something is forgotten. `stops` are the offsets of breakpoints. `marks` are the page's, of words that
    code was decoded from, where there are any.
    """

    unit: int
    empty: bytes
    area: Area
    threshold: int
    stops: frozenset[int]
    regions: dict[int, CompiledCode] = msgspec.field(default_factory=dict)
    refused: set[int] = msgspec.field(default_factory=set)
    units: dict[int, CopiedCode] = msgspec.field(default_factory=dict)
    unfit: set[int] = msgspec.field(default_factory=set)
    changes: int = 0
    marks: PageMarks | None = None
    _told: set[int] = msgspec.field(default_factory=set)
    _behind: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    """By offset, where a unit has taken a handler's place, the unit's address and the handler."""

    @classmethod
    def make(
        cls, unit: int, undecoded: int, jump: int, threshold: int, stops: frozenset[int] = frozenset()
    ) -> CodePage:
        """A page of which nothing is decoded; `threshold`: how often an instruction is jumped to until it is hot."""
        count = _PAGE // unit
        empty = struct.pack("<QII", undecoded, 0, 0) * count + struct.pack("<QII", jump, 0, 0) * cpu.JUMPS
        page = cls(unit, empty, Area(len(empty) + cpu.PAGE_END), threshold, stops)
        page.clear()
        return page

    @property
    def counter(self) -> int:
        """What the counters of instructions begin with."""
        return _COUNTS - self.threshold

    def open(self, host: int, big_endian: bool, marks: PageMarks) -> None:
        """Lets native code decode: the page's bytes are at this address, and a store to marked ones will be told."""
        _PAGE_END.pack_into(self.area.view, len(self.empty), host, self.counter, big_endian, marks.address)

    @property
    def is_open(self) -> bool:
        """Whether native code decodes."""
        return bool(_HOST.unpack_from(self.area.view, len(self.empty))[0])

    def close(self) -> None:
        """Has native code ask again before it decodes."""
        _PAGE_END.pack_into(self.area.view, len(self.empty), 0, 0, False, 0)

    def forget_marks(self) -> None:
        """The marks have gone; they are looked for before anything more is decoded."""
        self.close()
        self.marks = None

    def clear(self) -> None:
        """Nothing is decoded any more; the entries stay where they are."""
        self.area.view[: len(self.empty)] = self.empty
        self.close()
        self.regions.clear()
        self.refused.clear()
        self.units.clear()
        self.unfit.clear()
        self._behind.clear()
        self._told.clear()
        self.changes += 1

    def put(self, offset: int, handler: int, word: int, length: int) -> None:
        """Sets the entry of the instruction at `offset`."""
        start = offset // self.unit * cpu.CODE_ENTRY
        _ENTRY.pack_into(self.area.view, start, handler, word, length, self.counter)
        if self.marks is not None:
            self.marks.mark(offset, length or self.unit)

    def entry(self, offset: int) -> tuple[int, int, int]:
        """(handler, word, length) at `offset`."""
        handler, word, length, _ = _ENTRY.unpack_from(self.area.view, offset // self.unit * cpu.CODE_ENTRY)
        return handler, word, length & cpu.CODE_LENGTH_MASK

    def entries(self) -> Iterator[tuple[int, int, int, int]]:
        """(offset, handler, word, length) of all entries that are not empty."""
        entries = self.area.view[: _PAGE // self.unit * cpu.CODE_ENTRY]
        for at, (handler, word, length, _) in enumerate(_ENTRY.iter_unpack(entries)):
            if length:
                yield at * self.unit, handler, word, length & cpu.CODE_LENGTH_MASK

    def _settle(self, offset: int, settled: bool) -> None:
        """Whether nobody wants to be told of arrivals at `offset`."""
        place = offset // self.unit * cpu.CODE_ENTRY + cpu.CODE_LENGTH + 1
        high = self.area.view[place] & 0x7F
        self.area.view[place] = high | settled << 7

    def rewind(self, offset: int, arrivals: int) -> None:
        """Has the instruction at `offset` get hot again after so many arrivals."""
        place = offset // self.unit * cpu.CODE_ENTRY + cpu.CODE_COUNTER
        _COUNTER.pack_into(self.area.view, place, _COUNTS - arrivals)

    def rest(self, offset: int) -> int:
        """How many arrivals it takes until the instruction at `offset` is hot."""
        place = offset // self.unit * cpu.CODE_ENTRY + cpu.CODE_COUNTER
        return _COUNTS - int(_COUNTER.unpack_from(self.area.view, place)[0])

    def first_time(self, offset: int) -> bool:
        """Whether this is asked for the first time of an instruction since the page was cleared."""
        if offset in self._told:
            return False
        self._told.add(offset)
        return True

    def whole(self) -> bytes:
        """All entries."""
        return bytes(self.area.view[: len(self.empty)])

    def install(self, offset: int, handler: int, region: CompiledCode) -> None:
        """Puts compiled code in the place of the handler at `offset`."""
        struct.pack_into("<Q", self.area.view, offset // self.unit * cpu.CODE_ENTRY, handler)
        self.regions[offset] = region
        self.units.pop(offset, None)
        self._settle(offset, True)

    def install_unit(self, offset: int, address: int, unit: CopiedCode) -> None:
        """Puts copied code in the place of the handler at `offset`, which `handler_behind` still gives."""
        start = offset // self.unit * cpu.CODE_ENTRY
        handler = self.handler_behind(offset, self.entry(offset)[0])
        struct.pack_into("<Q", self.area.view, start, address)
        self._behind[offset] = address, handler
        self.units[offset] = unit
        # It counts by itself.
        self._settle(offset, True)

    def handler_behind(self, offset: int, handler: int) -> int:
        """An instruction's handler, where the one in its entry may be a unit."""
        address, own = self._behind.get(offset, (0, 0))
        return own if address == handler else handler

    def forget(self, offset: int) -> None:
        """Has the instruction at `offset` decoded again; compiled code that contains it goes."""
        headers = [header for header, region in self.regions.items() if offset in region.offsets]
        leaders = [leader for leader, unit in self.units.items() if offset in unit.offsets]
        for header in (*headers, *leaders):
            # The word stays: other regions may contain this instruction, and leave before it.
            start = header // self.unit * cpu.CODE_ENTRY
            self.area.view[start : start + _HANDLER] = self.empty[start : start + _HANDLER]
        for header in headers:
            del self.regions[header]
        for leader in leaders:
            del self.units[leader]
        self.refused.clear()
        self.unfit.clear()
        self.changes += 1
        self._empty(offset)

    def clear_regions(self) -> None:
        """Compiled code goes; the instructions are decoded again where it was entered."""
        for header in self.regions:
            self._empty(header)
        self.regions.clear()

    def drop_unit(self, offset: int, arrivals: int) -> None:
        """Copied code goes; the instruction's handler goes on, and is hot again after so many arrivals."""
        start = offset // self.unit * cpu.CODE_ENTRY
        struct.pack_into("<Q", self.area.view, start, self._behind[offset][1])
        del self.units[offset]
        self._settle(offset, False)
        self.rewind(offset, arrivals)

    def _empty(self, offset: int) -> None:
        start = offset // self.unit * cpu.CODE_ENTRY
        self.area.view[start : start + cpu.CODE_ENTRY] = self.empty[start : start + cpu.CODE_ENTRY]

    def overlaps(self, start: int, size: int) -> bool:
        """Whether an instruction was decoded from some of `size` bytes from offset `start`."""
        first = max(0, -(-(start - _LONGEST + 1) // self.unit)) * cpu.CODE_ENTRY
        last = min(_PAGE // self.unit, -(-(start + size) // self.unit)) * cpu.CODE_ENTRY
        return first < last and bytes(self.area.view[first:last]) != self.empty[first:last]

    def has_code(self) -> bool:
        """Whether anything was decoded."""
        return self.overlaps(0, _PAGE)

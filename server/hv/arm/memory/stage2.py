"""A guest's stage 2 translation tables, filled as the guest faults.

ARM DDI 0406C, section B3.6 (long descriptors), B3.6.5 (VTCR: 40-bit addresses, first level of 1024 entries); Linux,
arch/arm/kvm/mmu.c (stage2_set_pte, user_mem_abort). Blocks of 2 MB where a slot holds all of one, else pages.
Descriptors are put together from the description's bitfields.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .....isa.model.items import Description
from ....machine.physical import MemorySlot
from ....machine.ram import GuestRam
from ..facts.fields import Fields

ADDRESS_BITS: Final = 40
PAGE: Final = 1 << 12
BLOCK: Final = 1 << 21
FIRST_LEVEL: Final = 2 * PAGE
"""Two tables side by side: 1024 entries of 1 GB."""
POOL: Final = 16 << 20
"""Bytes for the tables of one guest; when they are used up, all are forgotten, and fill again."""
_ENTRIES: Final = 512
_WRITE_BACK: Final = 0xF
_READ, _READ_WRITE = 1, 3
_INNER_SHAREABLE: Final = 3


class Stage2Tables:
    """The tables of one guest, in `pool`, which lies at physical address `base` of the host."""

    def __init__(self, description: Description, pool: GuestRam, base: int) -> None:
        self._pool = pool
        self.base = base
        self.used = FIRST_LEVEL
        """Bytes of the pool that tables take up."""
        self._table = Fields(description, "long_table")
        self._leaf = Fields(description, "stage2_leaf")
        self._journal: list[tuple[int, int]] | None = None

    def map(self, ipa: int, slot: MemorySlot, host_base: int) -> int:
        """Maps what surrounds `ipa` to where `slot` lies, `host_base` in the host; returns the bytes mapped."""
        if self.used + 2 * PAGE > self._pool.size:
            self.clear()
        size, first = BLOCK, ipa & -BLOCK
        if first < slot.base or first + BLOCK > slot.end or host_base % BLOCK != slot.base % BLOCK:
            size, first = PAGE, ipa & -PAGE
        access = _READ if slot.read_only else _READ_WRITE
        leaf = self._leaf.of(
            VALID=1, TYPE=int(size == PAGE), MEMATTR=_WRITE_BACK, HAP=access, SH=_INNER_SHAREABLE, AF=1
        )
        self._map(ipa, size, leaf | (host_base + first - slot.base))
        return size

    def map_device(self, ipa: int, host: int) -> None:
        """Maps a page of a host's device: Device memory, from which nothing is fetched."""
        leaf = self._leaf.of(VALID=1, TYPE=1, MEMATTR=1, HAP=_READ_WRITE, SH=0, AF=1, XN=1)
        self._map(ipa, PAGE, leaf | host)

    def _map(self, ipa: int, size: int, leaf: int) -> None:
        second = self._next_table(ipa >> 30)
        index = ipa >> 21 & (_ENTRIES - 1)
        if size == BLOCK:
            self._write(second + 8 * index, leaf)
        else:
            third = self._next_table((second >> 3) + index)
            self._write(third + 8 * (ipa >> 12 & (_ENTRIES - 1)), leaf)

    def find(self, ipa: int) -> tuple[int, int, int] | None:
        """(offset of the entry in the pool, the entry, bytes that it maps) of what maps an address, or None."""
        offset = 8 * (ipa >> 30)
        for size in (1 << 30, BLOCK, PAGE):
            entry = self._pool.read_int(offset, 8, "little")
            if not self._table.get(entry, "VALID"):
                return None
            if size == PAGE or not self._table.get(entry, "TYPE"):
                return offset, entry, size
            below = size // _ENTRIES
            offset = self._table.address(entry, "BASE") - self.base + 8 * (ipa // below % _ENTRIES)
        return None

    def set_accessed(self, ipa: int, accessed: bool) -> bool:
        """Sets or clears the access flag of what maps an address. Whether it was another one before."""
        found = self.find(ipa)
        if found is None or bool(self._leaf.get(found[1], "AF")) == accessed:
            return False
        self._write(found[0], found[1] ^ self._leaf.mask("AF"))
        return True

    def unmap(self, start: int, end: int) -> int:
        """Takes away what maps a range, and returns how many entries that were."""
        count, ipa = 0, start
        while ipa < end:
            found = self.find(ipa)
            if found is None:
                ipa = (ipa & -PAGE) + PAGE if self._has_pages(ipa) else (ipa & -BLOCK) + BLOCK
                continue
            self._write(found[0], 0)
            count += 1
            ipa = (ipa & -found[2]) + found[2]
        return count

    def _has_pages(self, ipa: int) -> bool:
        """Whether a table of the third level stands for the 2 MB around an address."""
        entry = self._pool.read_int(8 * (ipa >> 30), 8, "little")
        if not self._table.get(entry, "VALID"):
            return False
        offset = self._table.address(entry, "BASE") - self.base + 8 * (ipa >> 21 & (_ENTRIES - 1))
        return bool(self._table.get(self._pool.read_int(offset, 8, "little"), "VALID"))

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What is mapped inside is not mapped any more afterwards."""
        used, self._journal = self.used, []
        try:
            yield
        finally:
            for offset, before in reversed(self._journal):
                self._pool.write_int(offset, 8, before, "little")
            self.used, self._journal = used, None

    def clear(self) -> None:
        """Forgets all mappings: a slot has come or gone."""
        self._pool.clear()
        self.used = FIRST_LEVEL
        if self._journal is not None:
            self._journal.clear()

    def _next_table(self, entry: int) -> int:
        """Offset in the pool of the table that doubleword number `entry` of the pool points to; made if need be."""
        descriptor = self._pool.read_int(entry * 8, 8, "little")
        if self._table.get(descriptor, "VALID"):
            return self._table.address(descriptor, "BASE") - self.base
        table, self.used = self.used, self.used + PAGE
        self._pool.write(table, bytes(PAGE))
        self._write(entry * 8, self._table.of(VALID=1, TYPE=1) | (self.base + table))
        return table

    def _write(self, offset: int, descriptor: int) -> None:
        if self._journal is not None:
            self._journal.append((offset, self._pool.read_int(offset, 8, "little")))
        self._pool.write_int(offset, 8, descriptor, "little")

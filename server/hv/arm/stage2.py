"""A guest's stage 2 translation tables, filled as the guest faults.

ARM DDI 0406C, section B3.6 (long descriptors), B3.6.5 (VTCR: 40-bit addresses, first level of 1024 entries); Linux,
arch/arm/kvm/mmu.c (stage2_set_pte, user_mem_abort). Blocks of 2 MB where a slot holds all of one, else pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ....isa.errors import TraplineError
from ...machine.physical import MemorySlot
from ...machine.ram import GuestRam

ADDRESS_BITS: Final = 40
PAGE: Final = 1 << 12
BLOCK: Final = 1 << 21
_FIRST_LEVEL: Final = 2 * PAGE  # two tables side by side: 1024 entries of 1 GB
_TABLE_BYTES: Final = PAGE
_ENTRIES: Final = 512

_IS_BLOCK: Final = 0b01
_IS_TABLE_OR_PAGE: Final = 0b11
_MEMORY: Final = 0xF << 2  # MemAttr: write-back, inner and outer
_READ_ONLY: Final = 1 << 6  # HAP
_READ_WRITE: Final = 3 << 6
_INNER_SHAREABLE: Final = 3 << 8
_ACCESSED: Final = 1 << 10
_NEXT: Final = 0xFF_FFFF_F000


class TablePoolError(TraplineError):
    """The memory set aside for tables is used up: more slots than it was made for."""


class Stage2Tables:
    """The tables of one guest, in `pool`, which lies at physical address `base` of the host."""

    def __init__(self, pool: GuestRam, base: int) -> None:
        self._pool = pool
        self.base = base
        self.used = _FIRST_LEVEL
        """Bytes of the pool that tables take up."""
        self._journal: list[tuple[int, int]] | None = None

    @staticmethod
    def pool_size(memory: int) -> int:
        """Bytes of tables that suffice for `memory` bytes in a few slots, however they lie."""
        return _FIRST_LEVEL + (memory // BLOCK + 64) * _TABLE_BYTES

    def map(self, ipa: int, slot: MemorySlot, host_base: int) -> int:
        """Maps what surrounds `ipa` to where `slot` lies, `host_base` in the host; returns the bytes mapped."""
        size = BLOCK
        first = ipa & -BLOCK
        if first < slot.base or first + BLOCK > slot.end or host_base % BLOCK != slot.base % BLOCK:
            size, first = PAGE, ipa & -PAGE
        descriptor = host_base + first - slot.base
        descriptor |= _MEMORY | _INNER_SHAREABLE | _ACCESSED | (_READ_ONLY if slot.read_only else _READ_WRITE)
        second = self._next_table(ipa >> 30)
        index = ipa >> 21 & (_ENTRIES - 1)
        if size == BLOCK:
            self._write(second + 8 * index, descriptor | _IS_BLOCK)
        else:
            third = self._next_table((second >> 3) + index)
            self._write(third + 8 * (ipa >> 12 & (_ENTRIES - 1)), descriptor | _IS_TABLE_OR_PAGE)
        return size

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
        self.used = _FIRST_LEVEL

    def _next_table(self, entry: int) -> int:
        """Offset in the pool of the table that doubleword number `entry` of the pool points to; made if need be."""
        descriptor = self._pool.read_int(entry * 8, 8, "little")
        if descriptor & 1:
            return (descriptor & _NEXT) - self.base
        if self.used + _TABLE_BYTES > self._pool.size:
            raise TablePoolError("no room is left for stage 2 tables", "give the guest fewer or larger memory slots")
        table, self.used = self.used, self.used + _TABLE_BYTES
        self._write(entry * 8, self.base + table | _IS_TABLE_OR_PAGE)
        return table

    def _write(self, offset: int, descriptor: int) -> None:
        if self._journal is not None:
            self._journal.append((offset, self._pool.read_int(offset, 8, "little")))
        self._pool.write_int(offset, 8, descriptor, "little")

"""The hashed page table of a partition: KVM_PPC_ALLOCATE_HTAB, and entries that a host takes back.

Linux, arch/powerpc/kvm/book3s_64_mmu_hv.c (kvmppc_alloc_reset_hpt, kvm_unmap_rmapp). An entry whose page the host
takes away becomes absent: the hardware finds nothing, the partition sees what it entered, with R and C as the
hardware left them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import iter_unpack
from typing import Final

import msgspec

from .....isa.model.items import Description
from ....machine.physical import MemorySlot, PhysicalMemory
from ....machine.ram import GuestRam, RamError

SMALLEST_ORDER: Final = 18
LARGEST_ORDER: Final = 34
USUAL_ORDER: Final = 24
SLOT: Final = 1 << 16
"""Number of the table's slot in the host's memory, plus the partition's."""
_PIECE: Final = 1 << 16


class Entry(msgspec.Struct, frozen=True):
    """An entry: its index, both doublewords as the hardware has them, and the second as the partition gave it."""

    index: int
    first: int
    second: int
    guest_second: int


SizeOf = Callable[[Entry], int]
"""Bytes of the page that an entry maps."""


class PageTable:
    """2^order bytes at host real address `base`, and behind them a doubleword for each entry."""

    def __init__(self, description: Description, host: PhysicalMemory, base: int, order: int, lpid: int) -> None:
        """Takes a smaller order where the host has not so much memory. Raises RamError where it has none."""
        order = max(SMALLEST_ORDER, min(order, LARGEST_ORDER))
        while True:
            try:
                ram = GuestRam(3 << (order - 1))
                break
            except RamError:
                if order == SMALLEST_ORDER:
                    raise
                order -= 1
        self.base = base
        self.order = order
        self.ram = ram
        self._constants = {name: one.value for name, one in description.constants.items()}
        host.add(MemorySlot(SLOT + lpid, base, ram.size, ram))

    @property
    def entries(self) -> int:
        """How many there are."""
        return 1 << (self.order - 4)

    @property
    def groups(self) -> int:
        """How many groups of eight."""
        return 1 << (self.order - 7)

    def entry(self, index: int) -> Entry:
        """One entry."""
        first, second = (self.ram.read_int(index * 16 + at, 8, "big") for at in (0, 8))
        return Entry(index, first, second, self.ram.read_int(self._kept(index), 8, "big"))

    def write(self, entry: Entry) -> None:
        """Replaces an entry."""
        self.ram.write_int(self._kept(entry.index), 8, entry.guest_second, "big")
        self.ram.write_int(entry.index * 16 + 8, 8, entry.second, "big")
        self.ram.write_int(entry.index * 16, 8, entry.first, "big")

    def reset(self) -> None:
        """Empties the table."""
        self.ram.clear()

    def in_use(self) -> Iterator[Entry]:
        """Entries that are valid or absent."""
        used = self._constants["HPTE_VALID"] | self._constants["HPTE_ABSENT"]
        for start in range(0, 1 << self.order, _PIECE):
            piece = self.ram.read(start, _PIECE)
            if piece.count(0) == _PIECE:
                continue
            for at, (first, second) in enumerate(iter_unpack(">QQ", piece)):
                if first & used:
                    index = start // 16 + at
                    yield Entry(index, first, second, self.ram.read_int(self._kept(index), 8, "big"))

    def mapping(self, start: int, end: int, size_of: SizeOf) -> Iterator[Entry]:
        """Valid entries that map something of a range of host real addresses."""
        valid, page_bits = self._constants["HPTE_VALID"], self._constants["HPTE_REAL_PAGE"]
        for entry in self.in_use():
            if entry.first & valid:
                size = size_of(entry)
                page = entry.second & page_bits & ~(size - 1)
                if page < end and start < page + size:
                    yield entry

    def made_absent(self, entry: Entry) -> Entry:
        """The entry with its page taken away: R and C go where the partition sees them."""
        constants = self._constants
        recorded = entry.second & (constants["HPTE_REFERENCED"] | constants["HPTE_CHANGED"])
        first = entry.first & ~constants["HPTE_VALID"] | constants["HPTE_ABSENT"]
        return Entry(entry.index, first, entry.second, entry.guest_second | recorded)

    def move(self, by: int) -> None:
        """The partition's memory lies elsewhere in the host: what valid entries map is so many bytes farther."""
        for entry in list(self.in_use()):
            if entry.first & self._constants["HPTE_VALID"]:
                self.write(Entry(entry.index, entry.first, entry.second + by, entry.guest_second))

    def _kept(self, index: int) -> int:
        return (1 << self.order) + index * 8

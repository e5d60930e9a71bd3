"""Where a host has its guests' memory and their translation tables.

Physical addresses below 2^40, from 2^37 on: never the ones that a guest knows, so that a forgotten translation cannot
go unnoticed. What a block can map stays aligned for it.
"""

from __future__ import annotations

import errno
from typing import Final

from ....machine.physical import MemorySlot, PhysicalMemory
from ....machine.ram import GuestRam
from ...errors import KvmError

FIRST: Final = 1 << 37
LAST: Final = 1 << 40
_ALIGNMENT: Final = 1 << 21


class HostMemory:
    """The host's memory, and what is free of it."""

    def __init__(self) -> None:
        self.physical = PhysicalMemory()
        self._made = 0

    def add(self, ram: GuestRam, size: int, offset: int = 0, read_only: bool = False, like: int = 0) -> MemorySlot:
        """Puts memory where room is, at an address congruent to `like` modulo 2 MB. Raises KvmError (ENOMEM)."""
        skipped = like % _ALIGNMENT
        at = FIRST
        for slot in self.physical.slots:
            if at + skipped + size <= slot.base - slot.base % _ALIGNMENT:
                break
            at = -(-slot.end // _ALIGNMENT) * _ALIGNMENT
        if at + skipped + size > LAST:
            raise KvmError(f"the host has no room for {size:#x} bytes more", "close a VM", errno=errno.ENOMEM)
        made = MemorySlot(self._made, at + skipped, size, ram, offset, read_only)
        self._made += 1
        self.physical.add(made)
        return made

    def remove(self, slot: MemorySlot) -> None:
        """Takes away what `add` has put there."""
        self.physical.remove(slot.number)


class GuestPlaces:
    """Where one guest's slots lie."""

    def __init__(self, host: HostMemory) -> None:
        self._host = host
        self._places: dict[int, MemorySlot] = {}

    def add(self, slot: MemorySlot) -> None:
        """See `HostPlaces`."""
        self._places[slot.number] = self._host.add(slot.ram, slot.size, slot.offset, slot.read_only, slot.base)

    def remove(self, slot: MemorySlot) -> None:
        """See `HostPlaces`."""
        self._host.remove(self._places.pop(slot.number))

    def of(self, slot: MemorySlot) -> MemorySlot:
        """A guest's slot as the host has it."""
        return self._places[slot.number]

"""Memory regions of a partition: KVM_SET_USER_MEMORY_REGION, KVM_GET_DIRTY_LOG.

Linux 3.6 to 3.12, virt/kvm/kvm_main.c (__kvm_set_memory_region). A region is a slot of whole pages. What is not
said of the slot number again (base, flags) may change; its size may not.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from enum import IntFlag
from types import MappingProxyType
from typing import Final

from ...machine.physical import MemorySlot, PhysicalMemory
from ...machine.ram import PAGE_SIZE
from ..errors import KvmError

SLOTS: Final = 32
_DOUBLEWORD: Final = 1 << 64


class RegionFlags(IntFlag):
    """KVM_MEM_*."""

    NONE = 0
    LOG_DIRTY_PAGES = 1


class MemoryRegions:
    """The slots of one partition: in `memory` by the partition's addresses, in the host's memory at `base` + those."""

    def __init__(self, memory: PhysicalMemory, host: PhysicalMemory, base: int, size: int) -> None:
        """`size`: bytes that the partition's addresses can have."""
        self._memory = memory
        self._host = host
        self._base = base
        self._size = size
        self._flags: dict[int, RegionFlags] = {}
        self._host_numbers = (base >> 32) * SLOTS

    @property
    def flags(self) -> Mapping[int, RegionFlags]:
        """By slot number."""
        return MappingProxyType(self._flags)

    def find(self, number: int) -> MemorySlot | None:
        """The slot with a number."""
        return next((one for one in self._memory.slots if one.number == number), None)

    def set(self, slot: MemorySlot, flags: RegionFlags = RegionFlags.NONE) -> MemorySlot | None:
        """Adds, moves, changes or (size 0) deletes a slot; returns what was there where it is there no more.

        Raises KvmError: EINVAL for what cannot be, EEXIST for an overlap.
        """
        old = self.find(slot.number)
        self._check(slot, old, flags)
        if slot.size == 0:
            assert old is not None
            self._remove(old)
            return old
        if old is not None and old == slot:
            self._change_flags(slot, flags)
            return None
        for other in self._memory.slots:
            if other is not old and slot.base < other.end and other.base < slot.end:
                raise KvmError(f"{slot} overlaps {other}", "move one of them, or delete it first", errno=errno.EEXIST)
        if old is not None:
            self._remove(old)
        self._memory.add(slot)
        number = self._host_numbers + slot.number
        self._host.add(MemorySlot(number, self._base + slot.base, slot.size, slot.ram, slot.offset, slot.read_only))
        self._change_flags(slot, flags)
        return old

    def _check(self, slot: MemorySlot, old: MemorySlot | None, flags: RegionFlags) -> None:
        if not 0 <= slot.number < SLOTS:
            raise KvmError(f"there is no memory slot {slot.number}", f"use a number from 0 to {SLOTS - 1}")
        if int(flags) & ~int(RegionFlags.LOG_DIRTY_PAGES) or slot.read_only:
            raise KvmError(f"{slot} cannot have these flags", "KVM_MEM_LOG_DIRTY_PAGES is all that there is")
        if slot.size == 0:
            if old is None:
                raise KvmError(f"memory slot {slot.number} is not there, and cannot be deleted")
            return
        if slot.size < 0 or slot.base < 0 or (slot.base | slot.size | slot.offset) % PAGE_SIZE:
            raise KvmError(f"{slot} does not consist of whole pages", f"they have {PAGE_SIZE:#x} bytes")
        if slot.end > min(self._size, _DOUBLEWORD):
            raise KvmError(f"{slot} reaches beyond the {self._size:#x} bytes that fit")
        if slot.offset < 0 or slot.offset + slot.size > slot.ram.size:
            raise KvmError(f"{slot} needs more memory than the {slot.ram.size:#x} bytes that user space has there")
        if old is not None and old.size != slot.size:
            raise KvmError(f"{old} cannot change its size", "delete it, and add it anew")

    def _remove(self, slot: MemorySlot) -> None:
        self._memory.remove(slot.number)
        self._host.remove(self._host_numbers + slot.number)
        self._flags.pop(slot.number, None)

    def _change_flags(self, slot: MemorySlot, flags: RegionFlags) -> None:
        logged = RegionFlags.LOG_DIRTY_PAGES
        if flags & logged and not self._flags.get(slot.number, RegionFlags.NONE) & logged:
            slot.ram.clear_dirty(slot.offset, slot.size)
        self._flags[slot.number] = flags

    def dirty_log(self, number: int) -> bytes:
        """A bit for each page that was written since the last call, the first page's the lowest of the first byte.

        Raises KvmError: EINVAL for a slot that cannot be, ENOENT for one without memory or log.
        """
        if not 0 <= number < SLOTS:
            raise KvmError(f"there is no memory slot {number}", f"use a number from 0 to {SLOTS - 1}")
        slot = self.find(number)
        if slot is None or not self._flags[number] & RegionFlags.LOG_DIRTY_PAGES:
            raise KvmError(
                f"memory slot {number} has no dirty log",
                "add it with RegionFlags.LOG_DIRTY_PAGES",
                errno=errno.ENOENT,
            )
        bits = 0
        for address in self._memory.take_dirty(number):
            bits |= 1 << ((address - slot.base) // PAGE_SIZE)
        return bits.to_bytes(-(-slot.size // PAGE_SIZE // 8) or 1, "little")

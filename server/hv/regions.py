"""Memory regions of a VM: KVM_SET_USER_MEMORY_REGION, KVM_GET_DIRTY_LOG.

Linux 3.6 to 3.12, virt/kvm/kvm_main.c (__kvm_set_memory_region). A region is a slot of whole pages. What is not
said of the slot number again (base, flags) may change; its size may not.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from enum import IntFlag
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from ..machine.physical import MemorySlot, PhysicalMemory
from ..machine.ram import PAGE_SIZE
from .errors import KvmError

SLOTS: Final = 32
_DOUBLEWORD: Final = 1 << 64


class RegionFlags(IntFlag):
    """KVM_MEM_*."""

    NONE = 0
    LOG_DIRTY_PAGES = 1
    READONLY = 2
    """A store leaves as an access to a device does."""


class HostPlaces(Protocol):
    """Where the host has the memory of a VM's slots."""

    def add(self, slot: MemorySlot) -> None:
        """Puts it somewhere."""

    def remove(self, slot: MemorySlot) -> None:
        """Takes it away again."""


class FixedPlaces:
    """The VM's addresses, moved by `base`."""

    def __init__(self, host: PhysicalMemory, base: int) -> None:
        self._host = host
        self._base = base
        self._numbers = (base >> 32) * SLOTS

    def add(self, slot: MemorySlot) -> None:
        """See `HostPlaces`."""
        at = msgspec.structs.replace(slot, number=self._numbers + slot.number, base=self._base + slot.base)
        self._host.add(at)

    def remove(self, slot: MemorySlot) -> None:
        """See `HostPlaces`."""
        self._host.remove(self._numbers + slot.number)


class MemoryRegions:
    """The slots of one VM: in `memory` by the VM's addresses, in the host's memory where `places` says."""

    def __init__(
        self,
        memory: PhysicalMemory,
        places: HostPlaces,
        size: int,
        allowed: RegionFlags = RegionFlags.LOG_DIRTY_PAGES,
    ) -> None:
        """`size`: bytes that the VM's addresses can have; `allowed`: flags that the hypervisor knows."""
        self._memory = memory
        self._places = places
        self._size = size
        self._allowed = allowed
        self._flags: dict[int, RegionFlags] = {}

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
        if slot.read_only:
            flags |= RegionFlags.READONLY
        self._check(slot, old, flags)
        slot = msgspec.structs.replace(slot, read_only=RegionFlags.READONLY in flags)
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
        self._places.add(slot)
        self._change_flags(slot, flags)
        return old

    def _check(self, slot: MemorySlot, old: MemorySlot | None, flags: RegionFlags) -> None:
        if not 0 <= slot.number < SLOTS:
            raise KvmError(f"there is no memory slot {slot.number}", f"use a number from 0 to {SLOTS - 1}")
        if int(flags) & ~int(self._allowed):
            known = " and ".join(f"KVM_MEM_{one.name}" for one in self._allowed)
            raise KvmError(f"{slot} cannot have these flags", f"{known} is all that there is")
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
        self._places.remove(slot)
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

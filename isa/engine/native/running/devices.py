"""Accesses that native code has found to lead to no RAM, and the entries of its tables by which it finds that out."""

from __future__ import annotations

from ...fetch import FetchPath
from ...interface import LOAD, STORE
from ...softtlb import PAGE_BITS
from ..shared import Area
from ..shared import cpu_layout as cpu


class NativeDevices(FetchPath):
    """What native code asks for in the middle of an instruction."""

    _native_loads: Area
    _native_stores: Area

    def fill_device(self, number: int, page: int, value: int, permitted: int) -> None:
        """Enters a virtual page as a device's for the kinds that are permitted; see `cpu_layout.LOAD_ENTRY`."""
        for table, size, kind in (
            (self._native_loads, cpu.LOAD_ENTRY, LOAD),
            (self._native_stores, cpu.STORE_ENTRY, STORE),
        ):
            if permitted >> kind & 1:
                at = number * size >> 3
                table.words[at] = page << PAGE_BITS | cpu.DEVICE_KEY
                table.words[at + 1] = value

    def load_device(self, address: int, pa: int, size: int) -> int:
        """A load that native code has found to lead to physical address `pa`, where it knows no RAM."""
        if size > 8 or self.memory.slot_at(pa) is not None:
            return self.load_as(address, size, LOAD)
        self.access = (address, LOAD)
        answer = self.bus.read(pa, size, self.vcpu)
        if not isinstance(answer, int):
            self._nothing_answers(pa, LOAD)
            raise AssertionError("a bus error raises")
        if size == 1 or self.byte_order() == "little":
            return answer
        return int.from_bytes(answer.to_bytes(size, "little"), "big")

    def store_device(self, address: int, pa: int, size: int, value: int) -> None:
        """As `load_device`."""
        if size > 8 or self.memory.slot_at(pa) is not None:
            self.store_as(address, size, value, STORE)
            return
        self.access = (address, STORE)
        if size > 1 and self.byte_order() == "big":
            value = int.from_bytes(value.to_bytes(size, "little"), "big")
        if self.bus.write(pa, size, value, self.vcpu) is not None:
            self._nothing_answers(pa, STORE)

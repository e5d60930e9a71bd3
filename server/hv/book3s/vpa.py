"""Virtual processor area, SLB shadow and dispatch trace log: buffers that a partition shares with the hypervisor.

PAPR 2.x, section 14.11.1 "H_REGISTER_VPA" and table 216 (the VPA); Linux, book3s_hv.c (do_h_register_vpa,
kvmppc_update_vpas) of 3.6 to 3.12. Where the parts of the VPA lie is said by the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ...machine.physical import PhysicalMemory
from ..kvm import KvmError

SHARED_PROCESSOR: Final = 0x2
SMALLEST_SLB_SHADOW: Final = 8
_ALIGNMENT: Final = 128


class VpaFunction(Enum):
    """Bits 16:18 of H_REGISTER_VPA's flags."""

    REGISTER_VPA = 1
    REGISTER_DISPATCH_LOG = 2
    REGISTER_SLB_SHADOW = 3
    DEREGISTER_VPA = 5
    DEREGISTER_DISPATCH_LOG = 6
    DEREGISTER_SLB_SHADOW = 7

    @classmethod
    def of_flags(cls, flags: int) -> VpaFunction | None:
        """The function that `flags` ask for, or None for one that does not exist."""
        code = flags >> (63 - 18) & 7
        return next((one for one in cls if one.value == code), None)


@dataclass(slots=True)
class Area:
    """A registered buffer; address 0: none."""

    address: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure in memory as the description has it: its bytes, and the offsets of its fields in bytes."""

    size: int
    offsets: Mapping[str, int]

    @classmethod
    def of(cls, description: Description, name: str) -> Structure:
        """The one called `name`, a bit field of the description."""
        layout = description.bitfields[name]
        return cls(layout.width // 8, {one.name: (layout.width - one.low - one.width) // 8 for one in layout.fields})


class VirtualProcessorAreas:
    """The three areas of one vcpu."""

    def __init__(self, memory: PhysicalMemory, description: Description) -> None:
        self._memory = memory
        self._vpa = Structure.of(description, "vpa")
        self._log_entry = Structure.of(description, "dispatch_log_entry").size
        self.vpa = Area()
        self.slb_shadow = Area()
        self.dispatch_log = Area()
        self.running = False
        """Whether the vcpu has a core now: not while it has ceded, or another one has its turn."""

    def by_name(self, name: str) -> Area:
        """vpa, slb_shadow or dispatch_log."""
        return {"vpa": self.vpa, "slb_shadow": self.slb_shadow, "dispatch_log": self.dispatch_log}[name]

    def register(self, function: VpaFunction, address: int) -> str:
        """Performs H_REGISTER_VPA for this vcpu; returns the name of its return code."""
        match function:
            case VpaFunction.DEREGISTER_VPA:
                if self.slb_shadow.address or self.dispatch_log.address:
                    return "H_RESOURCE"
                self.vpa = Area()
                return "H_SUCCESS"
            case VpaFunction.DEREGISTER_SLB_SHADOW:
                self.slb_shadow = Area()
                return "H_SUCCESS"
            case VpaFunction.DEREGISTER_DISPATCH_LOG:
                self.dispatch_log = Area()
                return "H_SUCCESS"
        length = self._length(function, address)
        if length is None:
            return "H_PARAMETER"
        if function is VpaFunction.REGISTER_VPA:
            self.vpa = Area(address, length)
            status = self._memory.read_int(address + self._vpa.offsets["STATUS"], 1, "big")
            self._memory.write_int(address + self._vpa.offsets["STATUS"], 1, status | SHARED_PROCESSOR, "big")
            return "H_SUCCESS"
        if not self.vpa.address:
            return "H_RESOURCE"
        if function is VpaFunction.REGISTER_SLB_SHADOW:
            self.slb_shadow = Area(address, length)
        else:
            self.dispatch_log = Area(address, length // self._log_entry * self._log_entry)
        return "H_SUCCESS"

    def _length(self, function: VpaFunction, address: int) -> int | None:
        """The length that stands in the buffer, or None if address or length are not valid."""
        if address == 0 or address % _ALIGNMENT:
            return None
        size, smallest = {
            VpaFunction.REGISTER_VPA: (2, self._vpa.size),
            VpaFunction.REGISTER_SLB_SHADOW: (4, SMALLEST_SLB_SHADOW),
        }.get(function, (4, self._log_entry))
        try:
            length = self._memory.read_int(address + self._vpa.offsets["SIZE"], size, "big")
            self._memory.require(address, length)
        except TraplineError:
            # No slot holds all of the buffer: the partition's mistake, and its return code says so.
            return None
        return length if length >= smallest else None

    def set_running(self, runs: bool) -> None:
        """The vcpu starts or stops running: its yield count goes up by one, and is even while it runs."""
        if runs == self.running:
            return
        self.running = runs
        if self.vpa.address:
            place = self.vpa.address + self._vpa.offsets["YIELD_COUNT"]
            self._memory.write_int(place, 4, self._memory.read_int(place, 4, "big") + 1, "big")

    def set_from_outside(self, name: str, value: int) -> None:
        """ONE_REG: VPA_ADDR, or address << 64 | length. Raises KvmError (EINVAL) for what could not be registered."""
        address, length = (value, self._vpa.size) if name == "vpa" else (value >> 64, value & (1 << 64) - 1)
        others = self.slb_shadow.address or self.dispatch_log.address
        if name == "vpa" and address == 0 and others:
            raise KvmError("the VPA cannot be cleared while SLB shadow or dispatch trace log stand")
        if name != "vpa" and address and not self.vpa.address:
            raise KvmError("SLB shadow and dispatch trace log need a VPA")
        smallest = {"vpa": self._vpa.size, "slb_shadow": SMALLEST_SLB_SHADOW}.get(name, self._log_entry)
        if address % _ALIGNMENT or (address and length < smallest):
            raise KvmError(f"{address:#x} with {length} bytes is no place for it", "128-byte aligned, and long enough")
        area = self.by_name(name)
        area.address, area.length = address, length if address else 0

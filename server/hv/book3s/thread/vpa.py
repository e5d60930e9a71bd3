"""Virtual processor area, SLB shadow and dispatch trace log: buffers that a partition shares with the hypervisor.

PAPR 2.x, section 14.11.1 "H_REGISTER_VPA" and table 216 (the VPA); Linux, book3s_hv.c (do_h_register_vpa,
kvmppc_update_vpas, init_vpa, kvmppc_create_dtl_entry) of 3.6 to 3.12. Where the parts of the VPA lie is said by the
description. What is registered takes effect at the vcpu's next entry; an area that lies in no memory by then is
passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from .....isa.errors import TraplineError
from .....isa.model.items import Description
from ....core import Core
from ....machine.physical import PhysicalMemory
from ...errors import KvmError

_ALIGNMENT: Final = 128


class VpaFunction(Enum):
    """What H_REGISTER_VPA is asked for, by the names of the description's `vpa_request`."""

    REGISTER_VPA = "register_vpa"
    REGISTER_DISPATCH_LOG = "register_dispatch_log"
    REGISTER_SLB_SHADOW = "register_slb_shadow"
    DEREGISTER_VPA = "deregister_vpa"
    DEREGISTER_DISPATCH_LOG = "deregister_dispatch_log"
    DEREGISTER_SLB_SHADOW = "deregister_slb_shadow"

    @classmethod
    def of_flags(cls, description: Description, flags: int) -> VpaFunction | None:
        """The function that `flags` ask for, or None for one that does not exist."""
        (place,) = description.bitfields["vpa_flags"].fields
        code = flags >> place.low & (1 << place.width) - 1
        members = description.enums["vpa_request"].members
        return next((cls(name) for name, number in members.items() if number == code), None)


class Area(msgspec.Struct):
    """A registered buffer; address 0: none. `pending`: it takes effect at the next entry. `used`: where it is by
    now."""

    address: int = 0
    length: int = 0
    pending: bool = False
    used: int = 0

    def set(self, address: int, length: int) -> None:
        """Registers a place, or (0) none."""
        self.address, self.length, self.pending = address, length if address else 0, True


class Structure(msgspec.Struct, frozen=True):
    """A structure in memory as the description has it: its bytes, and the offsets and sizes of its fields in bytes."""

    size: int
    offsets: Mapping[str, int]
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, description: Description, name: str) -> Structure:
        """The one called `name`, a bit field of the description."""
        layout = description.bitfields[name]
        return cls(
            layout.width // 8,
            {one.name: (layout.width - one.low - one.width) // 8 for one in layout.fields},
            {one.name: one.width // 8 for one in layout.fields},
        )


class VirtualProcessorAreas:
    """The three areas of one vcpu."""

    def __init__(self, memory: PhysicalMemory, core: Core) -> None:
        self._memory = memory
        self._core = core
        self._vpa = Structure.of(core.description, "vpa")
        self._log_entry = Structure.of(core.description, "dispatch_log_entry")
        self._smallest_slb_shadow = core.constant("SLB_SHADOW_SMALLEST")
        self.vpa = Area()
        self.slb_shadow = Area()
        self.dispatch_log = Area()
        self.log_index = 0
        """Entries written to the dispatch trace log."""
        self.running = False
        """Whether the vcpu has a core now: not while it has ceded, or another one has its turn."""

    def by_name(self, name: str) -> Area:
        """vpa, slb_shadow or dispatch_log."""
        return {"vpa": self.vpa, "slb_shadow": self.slb_shadow, "dispatch_log": self.dispatch_log}[name]

    def none_registered(self) -> bool:
        """Whether entries and exits leave no trace: there is no VPA, nor was one until the last entry."""
        return not (self.vpa.address or self.vpa.used)

    def clear(self) -> None:
        """No area is registered any more."""
        self.vpa, self.slb_shadow, self.dispatch_log = Area(), Area(), Area()

    def register(self, function: VpaFunction, address: int) -> str:
        """Performs H_REGISTER_VPA for this vcpu; returns the name of its return code."""
        match function:
            case VpaFunction.DEREGISTER_VPA:
                if self.slb_shadow.address or self.dispatch_log.address:
                    return "H_RESOURCE"
                self.vpa.set(0, 0)
                return "H_SUCCESS"
            case VpaFunction.DEREGISTER_SLB_SHADOW:
                self.slb_shadow.set(0, 0)
                return "H_SUCCESS"
            case VpaFunction.DEREGISTER_DISPATCH_LOG:
                self.dispatch_log.set(0, 0)
                return "H_SUCCESS"
        length = self._length(function, address)
        if length is None:
            return "H_PARAMETER"
        if function is VpaFunction.REGISTER_VPA:
            self.vpa.set(address, length)
            return "H_SUCCESS"
        if not self.vpa.address:
            return "H_RESOURCE"
        if function is VpaFunction.REGISTER_SLB_SHADOW:
            self.slb_shadow.set(address, length)
        else:
            self.dispatch_log.set(address, length // self._log_entry.size * self._log_entry.size)
        return "H_SUCCESS"

    def _length(self, function: VpaFunction, address: int) -> int | None:
        """The length that stands in the buffer, or None if address or length are not valid."""
        if address == 0 or address % _ALIGNMENT:
            return None
        size, smallest = {
            VpaFunction.REGISTER_VPA: (2, self._vpa.size),
            VpaFunction.REGISTER_SLB_SHADOW: (4, self._smallest_slb_shadow),
        }.get(function, (4, self._log_entry.size))
        try:
            length = self._memory.read_int(address + self._vpa.offsets["SIZE"], size, "big")
            self._memory.require(address, length)
        except TraplineError:
            # No slot holds all of the buffer: the partition's mistake, and its return code says so.
            return None
        return length if length >= smallest else None

    # Entry and exit

    def set_running(self, runs: bool) -> None:
        """The vcpu enters or leaves the partition: its yield count goes up by one, and is even while it runs."""
        if runs == self.running:
            return
        self.running = runs
        if runs and (self.vpa.pending or self.slb_shadow.pending or self.dispatch_log.pending):
            self._update()
        if not self.vpa.used:
            return
        self._count_yield()
        if runs and self.dispatch_log.used:
            self._log_dispatch()

    def _update(self) -> None:
        """Takes what was registered: kvmppc_update_vpas."""
        for area in (self.vpa, self.slb_shadow, self.dispatch_log):
            if area.pending:
                area.pending = False
                area.used = area.address if area.address and self._is_there(area) else 0
                if area is self.vpa and area.used:
                    status = self._field("STATUS")
                    self._put("STATUS", status | self._core.constant("VPA_SHARED_PROCESSOR"))
                    self._put("YIELD_COUNT", 1)
                if area is self.dispatch_log:
                    self.log_index = 0

    def _is_there(self, area: Area) -> bool:
        try:
            self._memory.require(area.address, area.length)
        except TraplineError:
            return False
        return True

    def _count_yield(self) -> None:
        try:
            self._put("YIELD_COUNT", self._field("YIELD_COUNT") + 1)
        except TraplineError:
            # Its memory has been taken away since.
            self.vpa.used = 0

    def _log_dispatch(self) -> None:
        core, log, entry = self._core, self.dispatch_log, self._log_entry
        values = {
            "REASON": core.constant("DTL_DISPATCHED"),
            "PROCESSOR_ID": core.read("PIR") & 0xFFFF if "PIR" in core.description.registers else 0,
            "TIMEBASE": core.look("TB"),
            "SRR0": core.pc,
            "SRR1": core.read("MSR"),
        }
        data = bytearray(entry.size)
        for name, value in values.items():
            at, size = entry.offsets[name], entry.sizes[name]
            data[at : at + size] = value.to_bytes(size, "big")
        place = log.used + self.log_index % (log.length // entry.size) * entry.size
        try:
            self._memory.write(place, bytes(data))
        except TraplineError:
            log.used = 0
            return
        self.log_index += 1
        self._put("LOG_INDEX", self.log_index)

    def _field(self, name: str) -> int:
        return self._memory.read_int(self.vpa.used + self._vpa.offsets[name], self._vpa.sizes[name], "big")

    def _put(self, name: str, value: int) -> None:
        self._memory.write_int(self.vpa.used + self._vpa.offsets[name], self._vpa.sizes[name], value, "big")

    # From outside

    def get_from_outside(self, name: str) -> int:
        """ONE_REG: the VPA's address, or address << 64 | length."""
        area = self.by_name(name)
        return area.address if name == "vpa" else area.address << 64 | area.length

    def set_from_outside(self, name: str, value: int) -> None:
        """ONE_REG: VPA_ADDR, or address << 64 | length. Raises KvmError (EINVAL) for what could not be registered."""
        address, length = (value, self._vpa.size) if name == "vpa" else (value >> 64, value & (1 << 64) - 1)
        others = self.slb_shadow.address or self.dispatch_log.address
        if name == "vpa" and address == 0 and others:
            raise KvmError("the VPA cannot be cleared while SLB shadow or dispatch trace log stand")
        if name != "vpa" and address and not self.vpa.address:
            raise KvmError("SLB shadow and dispatch trace log need a VPA")
        smallest = {"vpa": self._vpa.size, "slb_shadow": self._smallest_slb_shadow}.get(name, self._log_entry.size)
        if address % _ALIGNMENT or (address and length < smallest):
            raise KvmError(f"{address:#x} with {length} bytes is no place for it", "128-byte aligned, and long enough")
        if name == "dispatch_log":
            length -= length % self._log_entry.size
        area = Area(address, length if address else 0)
        if address and not self._is_there(area):
            raise KvmError(
                f"no memory holds all of the {length} bytes at {address:#x}", "take a place in a memory slot"
            )
        self.by_name(name).set(address, length)

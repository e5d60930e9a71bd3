"""Real mode of a partition: the virtual real mode area, or a real mode area (RMA) behind offset and limit registers.

Linux, book3s_64_mmu_hv.c (kvmppc_map_vrma) and book3s_hv.c (kvmppc_hv_setup_htab_rma): for the VRMA a bolted entry
for each page of memory slot 0, in slot 7 of its group, at most one a group. Where slot 0 is an RMA that
`allocate_rma` has given, the hardware adds an offset to real addresses and compares them with a limit; the 970 has
nothing else.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Final, Protocol

from ....core import Core
from ....machine.physical import MemorySlot, PhysicalMemory
from ....machine.ram import GuestRam
from ...errors import KvmError
from .page_table import Entry, PageTable

_LAST_IN_GROUP: Final = 7
_LARGEST: Final = 1 << 40
_RMOR_UNIT_970: Final = 26
_SELECTORS_970: Final = 8


class RealMode(Protocol):
    """A partition, as far as its real mode goes."""

    lpid: int
    memory: PhysicalMemory
    has_real_mode: bool

    @property
    def cores(self) -> Sequence[Core]:
        """The hardware threads of its vcpus."""

    @property
    def page_table(self) -> PageTable:
        """Its page table."""

    def host_address(self, real: int) -> int:
        """Where a partition real address lies in the host."""

    def is_rma(self, ram: GuestRam) -> bool:
        """Whether memory is a real mode area of the host's."""


def set_up_real_mode(vm: RealMode) -> None:
    """Has real addresses from 0 on reach slot 0. Raises KvmError: EINVAL without such a slot, EPERM on a 970
    without RMA."""
    slot = next((one for one in vm.memory.slots if one.base == 0), None)
    if slot is None:
        raise KvmError("the partition has no memory at real address 0", "give it a slot that begins there")
    core = vm.cores[0]
    virtual = core.has_feature("ISA206")
    if vm.is_rma(slot.ram):
        for one in vm.cores:
            _use_rma(vm, one, slot)
    elif not virtual:
        raise KvmError(
            "this core has no virtual real mode area: memory slot 0 must be a real mode area",
            "take its memory from allocate_rma",
            errno=errno.EPERM,
        )
    else:
        shift = _page_shift(core, slot)
        for one in vm.cores:
            _describe_vrma(one, shift)
        # Requests of vcpus that have been restored, or that came before the first run.
        if not vm.has_real_mode:
            _enter_pages(vm, core, slot, shift)


def _partition_control() -> dict[str, int]:
    """LPCR as every partition has it: external interrupts are the hypervisor's (LPES0 = 0), all others the
    partition's."""
    return {"DPFD": 4, "PECE0": 1, "PECE1": 1, "LPES0": 0, "LPES1": 1, "HDICE": 1}


# Virtual ------------------------------------------------------------------------------------------------------------


def _page_shift(core: Core, slot: MemorySlot) -> int:
    """The largest page size that slot 0 consists of."""
    for name in ("PAGE_16M", "PAGE_64K"):
        shift = core.constant(name)
        if slot.size % (1 << shift) == 0:
            return shift
    return core.constant("PAGE_4K")


def _describe_vrma(core: Core, shift: int) -> None:
    """LPCR: storage is the hypervisor's in both modes; page size of the VRMA."""
    large, is_64k = shift != core.constant("PAGE_4K"), shift == core.constant("PAGE_64K")
    core.put_fields("LPCR", VPM0=1, VPM1=1, VRMASD_L=int(large), VRMASD_LP=int(is_64k), **_partition_control())


def _enter_pages(vm: RealMode, core: Core, slot: MemorySlot, shift: int) -> None:
    table = vm.page_table
    for page in range(min(slot.size, _LARGEST) >> shift):
        if page >= table.groups:
            break
        address = page << shift
        group, first, rest = core.ask("vrma_entry", address, shift)
        index = (group & (table.groups - 1)) * 8 + _LAST_IN_GROUP
        table.write(Entry(index, first, vm.host_address(address) | rest, address | rest))


# Offset and limit ---------------------------------------------------------------------------------------------------


def limits(core: Core) -> dict[int, int]:
    """Bytes of the real mode areas that the core supports, by their selectors: the description's own table."""
    register = "LPCR" if core.has_feature("ISA206") else "HID4"
    before = core.read(register)
    found = {}
    for selector in range(16 if core.has_feature("ISA206") else _SELECTORS_970):
        _select(core, selector)
        (limit,) = core.call("real_mode_limit")
        if limit:
            found[selector] = limit
    core.put(register, before)
    return found


def _use_rma(vm: RealMode, core: Core, slot: MemorySlot) -> None:
    fitting = {selector: limit for selector, limit in limits(core).items() if limit <= slot.size}
    if not fitting:
        raise KvmError(
            f"{slot} is smaller than the smallest real mode area of this core",
            f"give the partition {min(limits(core).values()) >> 20} MB or more",
        )
    selector = max(fitting, key=lambda one: fitting[one])
    if core.has_feature("ISA206"):
        core.put_fields("LPCR", VPM0=0, VPM1=1, **_partition_control())
        core.put("RMOR", vm.host_address(0))
    else:
        core.put_fields(
            "HID4", RMOR=vm.host_address(0) >> _RMOR_UNIT_970, LPES0=0, LPES1=1, LPID5=vm.lpid & 0xF, LPID1=vm.lpid >> 4
        )
        core.put_fields("HID0", HDICE=1)
    _select(core, selector)


def _select(core: Core, selector: int) -> None:
    if core.has_feature("ISA206"):
        core.put_fields("LPCR", RMLS=selector)
    else:
        core.put_fields("HID4", RMLS0=selector >> 2, RMLS2=selector & 3)

"""Real mode of a partition: the virtual real mode area on POWER7, offset and limit registers on the 970.

Linux, book3s_64_mmu_hv.c (kvmppc_map_vrma) and book3s_hv.c (kvmppc_hv_setup_htab_rma): a bolted entry for each page of
memory slot 0, in slot 7 of its group, at most one a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ....isa.errors import TraplineError
from ...core import Core
from ...machine.physical import MemorySlot

if TYPE_CHECKING:
    from .vcpu import Book3sVcpu
    from .vm import Book3sVm

_LAST_IN_GROUP: Final = 7
_LARGEST: Final = 1 << 40
_COHERENT: Final = 0x10  # M of WIMG, as ordinary memory has it


class RealModeError(TraplineError):
    """Memory slot 0 is not what real mode needs."""


def enter_vrma(vm: Book3sVm, vcpus: Sequence[Book3sVcpu]) -> None:
    """Sets the partition up so that real addresses from 0 on reach its slot 0. Raises RealModeError."""
    slot = next((one for one in vm.memory.slots if one.base == 0), None)
    if slot is None:
        raise RealModeError("the partition has no memory at real address 0", "give it a slot that begins there")
    if vcpus[0].core.has_feature("ISA206"):
        shift = _page_shift(vcpus[0].core, slot)
        for vcpu in vcpus:
            _describe_vrma(vcpu.core, shift)
        _enter_pages(vm, vcpus[0].core, slot, shift)
    else:
        for vcpu in vcpus:
            _limit_real_mode(vm, vcpu.core, slot)


def _page_shift(core: Core, slot: MemorySlot) -> int:
    """The largest page size that slot 0 consists of."""
    for name in ("PAGE_16M", "PAGE_64K"):
        shift = core.constant(name)
        if slot.size % (1 << shift) == 0:
            return shift
    return core.constant("PAGE_4K")


def _describe_vrma(core: Core, shift: int) -> None:
    """LPCR: storage is the hypervisor's in both modes; page size of the VRMA; interrupts are the partition's."""
    core.put_fields(
        "LPCR",
        VPM0=1,
        VPM1=1,
        DPFD=4,
        VRMASD_L=int(shift != core.constant("PAGE_4K")),
        VRMASD_LP=int(shift == core.constant("PAGE_64K")),
        PECE0=1,
        PECE1=1,
        LPES0=1,
        LPES1=1,
        HDICE=1,
    )


def _enter_pages(vm: Book3sVm, core: Core, slot: MemorySlot, shift: int) -> None:
    (segment,) = core.call("vrma_segment")
    large = 0 if shift == core.constant("PAGE_4K") else core.constant("HPTE_LARGE")
    # With L = 1 the page size stands in the low bits of the page number: LP = 0b01 for 64 KB, zeros for 16 MB.
    page_size = 0x1000 if shift == core.constant("PAGE_64K") else 0
    groups = 1 << (vm.hpt_order - 7)
    flags = core.constant("HPTE_VALID") | core.constant("HPTE_BOLTED") | large
    recorded = core.constant("HPTE_REFERENCED") | core.constant("HPTE_CHANGED") | _COHERENT
    for page in range(min(slot.size, _LARGEST) >> shift):
        if page >= groups:
            break
        address = page << shift
        (group,) = core.call("hash_of", address, segment, shift)
        (first,) = core.call("abbreviated_address", address, segment, shift)
        index = (group & (groups - 1)) * 8 + _LAST_IN_GROUP
        entry = first | flags, vm.host_address(address) | page_size | recorded
        vm.host.write_int(vm.hpt_base + index * 16, 8, entry[0], "big")
        vm.host.write_int(vm.hpt_base + index * 16 + 8, 8, entry[1], "big")
        (kept,) = core.call("guest_second_address", index)
        vm.host.write_int(kept, 8, address | page_size | recorded, "big")


def _limit_real_mode(vm: Book3sVm, core: Core, slot: MemorySlot) -> None:
    """HID4: offset of the real mode area in units of 64 MB, and the largest limit that slot 0 fills."""
    selectors = [n for n in range(8) if _limit(core, n) and _limit(core, n) <= slot.size]
    if not selectors:
        raise RealModeError(
            f"{slot} is smaller than the smallest real mode area of this core",
            "give the partition 64 MB or more",
        )
    best = max(selectors, key=lambda n: _limit(core, n))
    _select(core, best)
    core.put_fields("HID4", RMOR=vm.host_address(0) >> 26, LPES0=1, LPES1=1, LPID5=vm.options.lpid & 0xF)
    core.put_fields("HID0", HDICE=1)


def _select(core: Core, selector: int) -> None:
    core.put_fields("HID4", RMLS0=selector >> 2, RMLS2=selector & 3)


def _limit(core: Core, selector: int) -> int:
    """Bytes of the real mode area that a selector stands for, 0 if for none: the description's own table."""
    _select(core, selector)
    (limit,) = core.call("real_mode_limit")
    return limit

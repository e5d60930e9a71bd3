"""A partition: its memory in the host, its hashed page table, and the registers that describe both to the core.

Linux, arch/powerpc/kvm/book3s_hv.c and book3s_64_mmu_hv.c (kvmppc_alloc_hpt, kvmppc_map_vrma).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ....isa.model.items import Description
from ...core import Core, CoreBus
from ...machine.physical import MemorySlot, PhysicalMemory
from ...machine.ram import GuestRam
from ..kvm import Capability, KvmError
from . import layout
from .devices import INTERRUPT, DirectDevices
from .mmio import DeviceWindow
from .vcpu import Book3sVcpu
from .vrma import enter_vrma

SMALLEST_HPT_ORDER: Final = 18
LARGEST_HPT_ORDER: Final = 34
_HPT_SLOT: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Book3sOptions:
    """What may be chosen when a partition is made.

    `hpt_order` is log2 of the page table's bytes. `prod_tests_caller` brings back a defect of the time: H_PROD woke
    its target only if the *caller* had ceded.
    """

    hpt_order: int = 24
    lpid: int = 1
    prod_tests_caller: bool = False


class Book3sVm:
    """A partition. `memory` is what its real addresses reach; `host` is the host's real address space."""

    def __init__(
        self,
        description: Description,
        make_core: Callable[[int, PhysicalMemory, CoreBus], Core],
        options: Book3sOptions | None = None,
    ) -> None:
        """`make_core(number, host memory, host bus)` makes vcpu `number`'s core. Raises KvmError."""
        self.options = options or Book3sOptions()
        if not SMALLEST_HPT_ORDER <= self.options.hpt_order <= LARGEST_HPT_ORDER:
            raise KvmError(
                f"a hashed page table of order {self.options.hpt_order} cannot be made",
                f"its order is between {SMALLEST_HPT_ORDER} and {LARGEST_HPT_ORDER}; 24 is usual",
            )
        self.description = description
        self.memory = PhysicalMemory()
        self.host = PhysicalMemory()
        self.window = DeviceWindow()
        self.vcpus: list[Book3sVcpu] = []
        self._make_core = make_core
        space = layout.partition_space(self.options.lpid)
        self._memory_base = space + layout.GUEST_MEMORY
        self.hpt_base = space + layout.PAGE_TABLE
        size = 3 << (self.options.hpt_order - 1)
        self._hpt_ram = GuestRam(size)
        self.host.add(MemorySlot(_HPT_SLOT, self.hpt_base, size, self._hpt_ram))
        self._slots = description.registers["SLOT_BASE"].count

    @property
    def hpt_order(self) -> int:
        """log2 of the bytes of the hashed page table."""
        return self.options.hpt_order

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        answers = {
            Capability.USER_MEMORY: 1,
            Capability.NR_MEMSLOTS: self._slots,
            Capability.NR_VCPUS: 4,
            Capability.MAX_VCPUS: 64,
            Capability.MP_STATE: 1,
            Capability.ONE_REG: 1,
            Capability.PPC_PAPR: 1,
            Capability.PPC_HIOR: 1,
            Capability.PPC_ALLOC_HTAB: 1,
        }
        return answers.get(capability, 0)

    def set_user_memory_region(self, slot: MemorySlot) -> None:
        """Adds a slot of partition memory. Raises KvmError when its number is too high, or SlotError."""
        if not 0 <= slot.number < self._slots:
            raise KvmError(f"memory slot {slot.number} does not exist", f"use a number from 0 to {self._slots - 1}")
        if slot.end > layout.PAGE_TABLE - layout.GUEST_MEMORY:
            raise KvmError(f"{slot} reaches beyond the {layout.PAGE_TABLE - layout.GUEST_MEMORY:#x} bytes that fit")
        self.memory.add(slot)
        host_base = self._memory_base + slot.base
        self.host.add(MemorySlot(slot.number, host_base, slot.size, slot.ram, slot.offset, slot.read_only))
        for vcpu in self.vcpus:
            self._describe_slot(vcpu.core, slot)

    def create_vcpu(self, number: int) -> Book3sVcpu:
        """KVM_CREATE_VCPU. Raises KvmError when the number is taken."""
        if any(vcpu.number == number for vcpu in self.vcpus):
            raise KvmError(f"the partition has a vcpu {number} already", "give it another number")
        core = self._make_core(number, self.host, self.window)
        vcpu = Book3sVcpu(self, number, core)
        self.vcpus.append(vcpu)
        self._describe_partition(core)
        return vcpu

    def perform_accesses(self, bus: CoreBus) -> None:
        """Has accesses outside memory, of all vcpus there are, go to `bus` at once where they would leave as exits."""
        for vcpu in self.vcpus:
            if INTERRUPT in self.description.interrupts:
                self.window.direct[vcpu.number] = DirectDevices(vcpu, bus)

    def vcpu(self, number: int) -> Book3sVcpu | None:
        """The vcpu with that number, as hcalls name it, or None."""
        return next((vcpu for vcpu in self.vcpus if vcpu.number == number), None)

    def prepare(self) -> None:
        """Makes real mode work, once memory and vcpus are there: the VRMA's entries, or the real mode area's limits."""
        if self.vcpus:
            enter_vrma(self, self.vcpus)

    def host_address(self, real: int) -> int:
        """Where partition real address `real` lies in the host."""
        return self._memory_base + real

    def _describe_partition(self, core: Core) -> None:
        core.write("HYPERVISOR_MODEL", 1)
        core.write("HPT_BASE", self.hpt_base)
        core.write("HPT_ORDER", self.hpt_order)
        if "LPIDR" in self.description.registers:
            core.put("LPIDR", self.options.lpid)
        core.put_fields("SDR1", HTABORG=self.hpt_base >> 18, HTABSIZE=self.hpt_order - 18)
        for slot in self.memory.slots:
            self._describe_slot(core, slot)

    def _describe_slot(self, core: Core, slot: MemorySlot) -> None:
        core.write("SLOT_BASE", slot.base, slot.number)
        core.write("SLOT_SIZE", slot.size, slot.number)
        core.write("SLOT_HOST", self._memory_base + slot.base, slot.number)

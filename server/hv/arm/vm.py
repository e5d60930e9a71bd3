"""A guest of KVM/Arm: its memory in the host, its stage 2 tables, its vcpus.

Linux, arch/arm/kvm/arm.c and mmu.c. The guest's memory lies elsewhere in the host than the guest sees it, so that a
forgotten translation cannot go unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ....isa.model.items import Description
from ...core import Core, CoreBus
from ...machine.physical import MemorySlot, PhysicalMemory
from ...machine.ram import PAGE_SIZE, GuestRam
from ..kvm import Capability, KvmError
from .devices import DirectAccesses, HostBus
from .psci import Psci
from .stage2 import Stage2Tables
from .vcpu import ArmVcpu

GUEST_MEMORY: Final = 1 << 37
"""Host physical address that stands for intermediate physical address 0."""
TABLES: Final = 1 << 38
_POOL_SLOT: Final = 1 << 16
_MOST_SLOTS: Final = 32
_MOST_VCPUS: Final = 4
"""VMPIDR's Aff0 goes to 3 on a Cortex-A15, and KVM keeps to it."""


class ArmVm:
    """A guest. `memory` is what its intermediate physical addresses reach; `host` is the host's memory."""

    def __init__(
        self,
        description: Description,
        make_core: Callable[[int, PhysicalMemory, CoreBus], Core],
        memory_size: int,
        vmid: int = 1,
    ) -> None:
        """`memory_size`: bytes of guest memory that the tables must suffice for."""
        self.description = description
        self.vmid = vmid
        self.memory = PhysicalMemory()
        self.host = PhysicalMemory()
        self.vcpus: list[ArmVcpu] = []
        self.psci = Psci(self.vcpus)
        self._make_core = make_core
        self._bus = HostBus()
        pool = GuestRam(-(-Stage2Tables.pool_size(memory_size) // PAGE_SIZE) * PAGE_SIZE)
        self.host.add(MemorySlot(_POOL_SLOT, TABLES, pool.size, pool))
        self.tables = Stage2Tables(pool, TABLES)

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        answers = {
            Capability.USER_MEMORY: 1,
            Capability.NR_MEMSLOTS: _MOST_SLOTS,
            Capability.NR_VCPUS: _MOST_VCPUS,
            Capability.MAX_VCPUS: _MOST_VCPUS,
            Capability.MP_STATE: 1,
            Capability.ONE_REG: 1,
            Capability.ARM_PSCI: 1,
        }
        return answers.get(capability, 0)

    def set_user_memory_region(self, slot: MemorySlot) -> None:
        """Adds a slot of guest memory. Raises KvmError or SlotError."""
        if not 0 <= slot.number < _MOST_SLOTS:
            raise KvmError(f"memory slot {slot.number} does not exist", f"use a number from 0 to {_MOST_SLOTS - 1}")
        if slot.end > GUEST_MEMORY:
            raise KvmError(f"{slot} reaches beyond the {GUEST_MEMORY:#x} bytes that fit")
        self.memory.add(slot)
        host_base = self.host_address(slot.base)
        self.host.add(MemorySlot(slot.number, host_base, slot.size, slot.ram, slot.offset, slot.read_only))
        self.tables.clear()

    def create_vcpu(self, number: int) -> ArmVcpu:
        """KVM_CREATE_VCPU and KVM_ARM_VCPU_INIT. Raises KvmError when the number is taken or too high."""
        if not 0 <= number < _MOST_VCPUS:
            raise KvmError(f"there is no vcpu {number}", f"a guest has at most {_MOST_VCPUS}, numbered from 0")
        if any(vcpu.number == number for vcpu in self.vcpus):
            raise KvmError(f"the guest has a vcpu {number} already", "give it another number")
        vcpu = ArmVcpu(self, number, self._make_core(number, self.host, self._bus))
        self.vcpus.append(vcpu)
        return vcpu

    def perform_accesses(self, bus: CoreBus) -> None:
        """Has accesses outside memory, of all vcpus there are, go to `bus` at once where they would leave as exits."""
        for vcpu in self.vcpus:
            self._bus.direct[vcpu.number] = DirectAccesses(vcpu, bus)

    def host_address(self, ipa: int) -> int:
        """Where an intermediate physical address lies in the host."""
        return GUEST_MEMORY + ipa

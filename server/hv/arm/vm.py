"""A guest of KVM/Arm: its memory in the host, its stage 2 tables, its vcpus.

Linux, arch/arm/kvm/arm.c and mmu.c. The guest's memory lies elsewhere in the host than the guest sees it, so that a
forgotten translation cannot go unnoticed.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...core import Core, CoreBus
from ...machine.physical import MemorySlot, NoMemoryError, PhysicalMemory
from ...machine.ram import GuestRam
from ..errors import KvmError
from ..regions import MemoryRegions, RegionFlags
from ..terms import Capability
from .exits.devices import DirectAccesses, HostBus
from .host import MOST_VCPUS, Host
from .interrupts.vgic import FIRST_PRIVATE, FIRST_SHARED, LAST, DeviceAddress, Vgic
from .memory.host_memory import GuestPlaces
from .memory.stage2 import ADDRESS_BITS, PAGE, POOL, Stage2Tables
from .psci import Psci
from .vcpu import ArmVcpu

_FIQ, _IRQ = 0, 1


class IrqType(Enum):
    """KVM_ARM_IRQ_TYPE_*: whose number `irq_line` is given."""

    CPU = 0
    """0: the vcpu's IRQ, 1: its FIQ; without an interrupt controller in the kernel."""
    SPI = 1
    """32 and up, whatever `vcpu` is."""
    PPI = 2
    """16 to 31, of a vcpu."""


_NUMBERS: Final = {
    IrqType.CPU: (0, 1),
    IrqType.SPI: (FIRST_SHARED, LAST),
    IrqType.PPI: (FIRST_PRIVATE, FIRST_SHARED - 1),
}


@dataclass(frozen=True, slots=True)
class ArmOptions:
    """What may be chosen when a VM is made.

    `trap_wfe`: WFE traps, and the guest's turn ends (Linux 3.13). `failures_are_exits`: where KVM_RUN would fail, `run`
    gives an `InternalError` instead.
    """

    trap_wfe: bool = False
    failures_are_exits: bool = False


class ArmVm:
    """A guest. `memory` is what its intermediate physical addresses reach; `host` is the host's memory."""

    def __init__(self, kvm: Host, number: int, options: ArmOptions, closed: Callable[[ArmVm], None]) -> None:
        """Made by `ArmKvm.create_vm`; `number` counts the host's VMs, and `closed` is told when this one ends."""
        self.kvm = kvm
        self.number = number
        self.options = options
        self.description = kvm.description
        self.memory = PhysicalMemory()
        self.host = kvm.memory.physical
        self.vcpus: list[ArmVcpu] = []
        self.psci = Psci(self.vcpus)
        self.vmid = 0
        """The present one; 0 until a vcpu has run."""
        self.counter_offset = 0
        """CNTVOFF: the physical counter when the guest's was 0."""
        self.controls = kvm.control("TWE") if options.trap_wfe else 0
        """Bits of HCR beyond those of every guest."""
        self._vmid_generation = 0
        self._closed = closed
        self._places = GuestPlaces(kvm.memory)
        flags = RegionFlags.LOG_DIRTY_PAGES | RegionFlags.READONLY
        self._regions = MemoryRegions(self.memory, self._places, 1 << ADDRESS_BITS, flags)
        self.irqchip: Vgic | None = None
        """The interrupt controller in the kernel, if there is one."""
        self._bus = HostBus(self)
        pool = GuestRam(POOL)
        self._pool = kvm.memory.add(pool, pool.size)
        self.tables = Stage2Tables(kvm.description, pool, self._pool.base)

    @property
    def failures_are_exits(self) -> bool:
        """See `ArmOptions`."""
        return self.options.failures_are_exits

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        return self.kvm.check_extension(capability)

    def close(self) -> None:
        """Ends the VM: its memory and tables are the host's again."""
        for slot in self.memory.slots:
            self._regions.set(MemorySlot(slot.number, slot.base, 0, slot.ram))
        self.kvm.memory.remove(self._pool)
        for vcpu in self.vcpus:
            vcpu.core.engine.close()
            self.kvm.cores.remove(vcpu.core)
        self._closed(self)

    def take_vmid(self) -> int:
        """The VM's VMID, of the present generation."""
        if not self.kvm.vmids.is_current(self._vmid_generation):
            self.vmid, self._vmid_generation = self.kvm.vmids.take()
        return self.vmid

    # Memory

    def set_user_memory_region(self, slot: MemorySlot, flags: RegionFlags = RegionFlags.NONE) -> None:
        """KVM_SET_USER_MEMORY_REGION: adds, moves, changes flags, or (size 0) deletes.

        Raises KvmError: EINVAL, EEXIST for an overlap, ENOMEM.
        """
        gone = self._regions.find(slot.number)
        place = None if gone is None else self._places.of(gone)
        self._regions.set(slot, flags)
        self.tables.clear()
        for vcpu in self.vcpus[:1]:
            vcpu.core.tlb_flush()
            if place is not None:
                vcpu.core.engine.invalidate_code(place.base, place.size)

    def get_dirty_log(self, number: int) -> bytes:
        """KVM_GET_DIRTY_LOG: a bit a page, written since the last call. Raises KvmError: EINVAL, ENOENT."""
        log = self._regions.dirty_log(number)
        for vcpu in self.vcpus[:1]:
            vcpu.core.tlb_flush()
        return log

    def page_out(self, ipa: int, size: int) -> int:
        """The host takes pages away: what maps them is gone, and comes back with the next access.

        Returns how many entries that concerned. Raises KvmError (EINVAL) for a range that is not memory.
        """
        self._require(ipa, size)
        count = self.tables.unmap(ipa, ipa + size)
        self._flush()
        return count

    def test_and_clear_young(self, ipa: int, size: int) -> bool:
        """Whether the guest has used a range since the last call: the access flags of what maps it, which are cleared.

        The next access faults, and sets the flag again. Raises KvmError (EINVAL) for a range that is not memory.
        """
        self._require(ipa, size)
        young = [self.tables.set_accessed(at, False) for at in range(ipa & -PAGE, ipa + size, PAGE)]
        self._flush()
        return any(young)

    def _require(self, ipa: int, size: int) -> None:
        try:
            self.memory.require(ipa, size)
        except NoMemoryError as error:
            raise KvmError(error.message, error.hint) from error

    def _flush(self) -> None:
        for vcpu in self.vcpus[:1]:
            vcpu.core.tlb_flush()

    def host_address(self, ipa: int) -> int:
        """Where an intermediate physical address lies in the host. Raises KvmError (EINVAL) where no memory is."""
        slot = self.memory.slot_at(ipa)
        if slot is None:
            raise KvmError(f"the guest has no memory at {ipa:#x}")
        return self._places.of(slot).base + ipa - slot.base

    def region_flags(self, number: int) -> RegionFlags:
        """The flags of a slot that there is."""
        return self._regions.flags[number]

    # Vcpus

    def create_vcpu(self, number: int) -> ArmVcpu:
        """KVM_CREATE_VCPU; `init` comes next. Raises KvmError: EINVAL above the limit, EEXIST when it is taken."""
        if not 0 <= number < MOST_VCPUS:
            raise KvmError(f"there can be no vcpu {number}", f"a guest has at most {MOST_VCPUS}, numbered from 0")
        if any(vcpu.number == number for vcpu in self.vcpus):
            raise KvmError(f"the guest has a vcpu {number} already", "give it another number", errno=errno.EEXIST)
        core = self.kvm.hardware.thread(self.number, number, number, self.host, self._bus)
        self.kvm.cores.append(core)
        vcpu = ArmVcpu(self, number, core)
        self.vcpus.append(vcpu)
        if self.irqchip is not None:
            self.irqchip.add(vcpu)
        return vcpu

    # Interrupts

    def perform_accesses(self, bus: CoreBus) -> None:
        """Has accesses outside memory, of all vcpus there are, go to `bus` at once where they would leave as exits."""
        for vcpu in self.vcpus:
            self._bus.direct[vcpu.number] = DirectAccesses(vcpu, bus)

    def irq_line(self, number: int, level: bool, kind: IrqType = IrqType.CPU, vcpu: int = 0) -> None:
        """KVM_IRQ_LINE. Raises KvmError: EINVAL for a vcpu or number that there is not, ENXIO for an interrupt
        controller that is not the kernel's."""
        if (self.irqchip is not None) != (kind is not IrqType.CPU):
            where = "user space" if self.irqchip is None else "the kernel"
            raise KvmError(f"the interrupt controller is in {where}", errno=errno.ENXIO)
        target = next((one for one in self.vcpus if one.number == vcpu), None)
        first, last = _NUMBERS[kind]
        if target is None or not first <= number <= last:
            raise KvmError(f"there is no interrupt {number} of vcpu {vcpu}")
        if self.irqchip is not None:
            self.irqchip.drive(vcpu, number, level)
            return
        bit = 1 << (_FIQ if number == 1 else _IRQ)
        target.set_lines(target.lines | bit if level else target.lines & ~bit)

    def create_irqchip(self) -> None:
        """KVM_CREATE_IRQCHIP: distributor and virtual CPU interfaces in the kernel. Before there are vcpus.

        Raises KvmError (EEXIST).
        """
        if self.vcpus or self.irqchip is not None:
            raise KvmError("it is too late for an interrupt controller", "make it before vcpus", errno=errno.EEXIST)
        self.irqchip = Vgic(self.description, self.vcpus)

    def set_device_addr(self, which: DeviceAddress, address: int) -> None:
        """KVM_ARM_SET_DEVICE_ADDR. Raises KvmError: ENXIO without `create_irqchip`, E2BIG, EINVAL, EEXIST, EBUSY."""
        if self.irqchip is None:
            raise KvmError("there is no interrupt controller in the kernel", errno=errno.ENXIO)
        self.irqchip.set_address(which, address)

    def set_counter(self, core: Core, value: int) -> None:
        """The guest's counter (KVM_REG_ARM_TIMER_CNT) is `value` from now on, for all its vcpus."""
        (now,) = core.ask("physical_count")
        self.counter_offset = (now - value) & ((1 << 64) - 1)

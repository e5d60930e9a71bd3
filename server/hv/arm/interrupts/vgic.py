"""The interrupt controller of a guest in the kernel: distributor, list registers, maintenance.

Linux 3.9, virt/kvm/arm/vgic.c; ARM IHI 0048B, chapter 5. The guest's accesses to its distributor trap, and the model
performs them. What the distributor forwards goes to list registers of the vcpu's virtual CPU interface, which the guest
reaches without a trap where it takes it for a GICC. The distributor is the description's device, the virtual CPU
interface is the core's own, in its registers. What a list register lacks room for waits in the distributor; the end of
a level-triggered interrupt, and room, are told by the maintenance interrupt, which is the host's.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from enum import Enum
from typing import Final, Protocol

import msgspec

from .....isa.engine.devices import DescribedDevice, NoRegister
from .....isa.model.items import Description
from ....core import Core
from ....machine.virt_fdt import VirtMap
from ...errors import KvmError
from ..facts.fields import Fields

HOST_INTERFACE: Final = VirtMap().gic_virtual_cpu_interface.base
"""Physical address of the virtual CPU interface in the host, as `virt` has it."""
_DISTRIBUTOR_SIZE, _INTERFACE_SIZE = 0x1000, 0x2000
_HOST_CONTROL: Final = VirtMap().gic_hypervisor.base
_PAGE: Final = 0x1000
FIRST_PRIVATE, FIRST_SHARED, LAST = 16, 32, 287
_ADDRESSES: Final = 1 << 40


class DeviceAddress(Enum):
    """KVM_ARM_SET_DEVICE_ADDR: where the guest has them."""

    DISTRIBUTOR = 0
    CPU_INTERFACE = 1


class VgicVcpu(Protocol):
    """What it needs of a vcpu."""

    @property
    def number(self) -> int:
        """Its number at the distributor."""

    @property
    def core(self) -> Core:
        """Its core."""


class SavedVgic(msgspec.Struct):
    """The distributor's state, what stands in list registers by vcpu (saved with it), where the guest has it."""

    distributor: bytes
    listed: dict[int, dict[int, int]]
    addresses: dict[int, int]


class Vgic:
    """One guest's."""

    def __init__(self, description: Description, vcpus: Sequence[VgicVcpu]) -> None:
        """`vcpus`: all that the guest has, now and later."""
        self._vcpus = vcpus
        self._distributor = DescribedDevice(description, "gicv2")
        self._entry = Fields(description, "list_register")
        self._control = Fields(description, "virtual_interface_control")
        self._spurious = description.constants["GIC_SPURIOUS"].value
        self._lists = description.constants["GICH_LIST_REGISTERS"].value
        self._at = {one.name: one.offset for one in self._distributor.device.registers}
        self._listed: dict[int, dict[int, int]] = {}
        """By vcpu: interrupts that stand in a list register, by its number."""
        self.addresses: dict[DeviceAddress, int] = {}

    def save(self) -> SavedVgic:
        """All of its state."""
        addresses = {which.value: at for which, at in self.addresses.items()}
        return SavedVgic(self._distributor.snapshot(), self._listed, addresses)

    def restore(self, saved: SavedVgic) -> None:
        """Takes it back; the vcpus are there, and know of their inputs."""
        self._distributor.restore(saved.distributor)
        self._listed = saved.listed
        self.addresses = {DeviceAddress(which): at for which, at in saved.addresses.items()}

    # What user space says

    def set_address(self, which: DeviceAddress, address: int) -> None:
        """KVM_ARM_SET_DEVICE_ADDR. Raises KvmError: E2BIG, EINVAL, EEXIST, EBUSY for an overlap."""
        if address < 0 or address >= _ADDRESSES:
            raise KvmError(f"{address:#x} is no guest physical address", "they have 40 bits", errno=errno.E2BIG)
        if address % _PAGE:
            raise KvmError(f"{address:#x} does not begin a page")
        if which in self.addresses:
            raise KvmError("the device has its address", errno=errno.EEXIST)
        size = _size(which)
        if any(address < at + _size(one) and at < address + size for one, at in self.addresses.items()):
            raise KvmError(f"another part of the interrupt controller is at {address:#x}", errno=errno.EBUSY)
        self.addresses[which] = address

    def add(self, vcpu: VgicVcpu) -> None:
        """A vcpu is there: the distributor has one processor more. What it forwards, it forwards to the lists."""
        self._distributor.call("connect", len(self._vcpus))
        vcpu.core.write("VIRTUAL_INTERFACE_BASE", _HOST_CONTROL)
        self._listed[vcpu.number] = {}
        # Never masked; EOImode: the end of an acknowledged interrupt is told apart from its acknowledgement.
        self._write("GICC_PMR", 0xFF, vcpu.number)
        self._write("GICC_CTLR", 1 | 1 << 9, vcpu.number)

    def require_addresses(self) -> None:
        """Before a vcpu runs. Raises KvmError (ENXIO)."""
        if len(self.addresses) < len(DeviceAddress):
            raise KvmError("the interrupt controller has no address", "call set_device_addr", errno=errno.ENXIO)

    def drive(self, vcpu: int, number: int, level: bool) -> None:
        """An input of the distributor: a shared interrupt, or a private one of a vcpu."""
        self._distributor.call("drive", vcpu, number, int(level))
        self._flush_all()

    def pend(self, vcpu: int, number: int) -> None:
        """A private interrupt becomes pending, as an edge makes it."""
        self._write("GICD_ISPENDR", 1 << number, vcpu)
        self.flush(vcpu)

    # What the guest does

    def owns(self, ipa: int) -> bool:
        """Whether an address belongs to the interrupt controller."""
        return any(at <= ipa < at + _size(which) for which, at in self.addresses.items())

    def mapped_to(self, ipa: int) -> int | None:
        """Where the host has the page of the CPU interface at an address; None: it is none."""
        at = self.addresses.get(DeviceAddress.CPU_INTERFACE)
        if at is None or not at <= ipa < at + _INTERFACE_SIZE:
            return None
        return HOST_INTERFACE + (ipa - at & -_PAGE)

    def access(self, ipa: int, size: int, value: int | None, vcpu: int) -> int:
        """A load (`value` None) or store of the distributor. Where it has no register, zero is read."""
        offset = ipa - self.addresses[DeviceAddress.DISTRIBUTOR]
        if value is not None:
            self._distributor.write(offset, size, value, vcpu)
            self._flush_all()
            return 0
        found = self._distributor.read(offset, size, vcpu)
        return 0 if isinstance(found, NoRegister) else found

    def interface_access(self, address: int, size: int, value: int | None, vcpu: int) -> int | None:
        """A load or store of the virtual CPU interface at a host address; None: it is elsewhere. Whole words the core
        does by itself."""
        offset = address - HOST_INTERFACE
        if not 0 <= offset < _INTERFACE_SIZE:
            return None
        core = self._core(vcpu)
        shift = 8 * (offset & 3)
        if value is not None:
            core.ask("gicv_write", offset & ~3, value << shift & 0xFFFF_FFFF)
            return 0
        (found,) = core.ask("gicv_read", offset & ~3)
        return found >> shift & ((1 << 8 * size) - 1)

    # List registers

    def sync(self, vcpu: int) -> None:
        """At an exit: what the guest has ended is active in the distributor no more. Then there may be more for it."""
        listed = self._listed[vcpu]
        core = self._core(vcpu)
        for index, number in list(listed.items()):
            entry = core.read("GICH_LR", index)
            if not self._entry.get(entry, "PENDING") and not self._entry.get(entry, "ACTIVE"):
                core.state.write("GICH_LR", 0, index)
                del listed[index]
                self._distributor.call("deactivate", vcpu, number)
        self.flush(vcpu)

    def flush(self, vcpu: int) -> None:
        """Before an entry: what the distributor forwards goes to the list, the most urgent first."""
        listed = self._listed.get(vcpu)
        if listed is None:
            return
        core = self._core(vcpu)
        for index in range(self._lists):
            if index in listed:
                continue
            acknowledged = self._read("GICC_IAR", vcpu)
            number = acknowledged & self._spurious
            if number >= self._spurious - 1:
                break
            self._write("GICC_EOIR", acknowledged, vcpu)
            listed[index] = number
            core.state.write("GICH_LR", self._new_entry(vcpu, number, acknowledged), index)
        waiting = len(listed) == self._lists and self._distributor.call("signalled", vcpu) != self._spurious
        core.state.write("GICH_HCR", self._control.of(EN=1, UIE=int(waiting)))
        core.ask("gich_changed")
        core.on_input()

    def _new_entry(self, vcpu: int, number: int, acknowledged: int) -> int:
        priority = self._byte("GICD_IPRIORITYR", number, vcpu)
        sender = self._entry.get(acknowledged, "CPUID") if number < FIRST_PRIVATE else 0
        configured = self._word("GICD_ICFGR", number // 16, vcpu) >> 2 * (number % 16) & 2
        values = {"VIRTUAL_ID": number, "PRIORITY": priority >> 3, "PENDING": 1}
        if number < FIRST_PRIVATE:
            return self._entry.of(**values, CPUID=sender)
        return self._entry.of(**values, EOI=int(not configured and number >= FIRST_SHARED))

    def _flush_all(self) -> None:
        for vcpu in self._vcpus:
            self.flush(vcpu.number)

    def _core(self, number: int) -> Core:
        return next(vcpu.core for vcpu in self._vcpus if vcpu.number == number)

    def _read(self, name: str, vcpu: int) -> int:
        return self._word(name, 0, vcpu)

    def _word(self, name: str, index: int, vcpu: int) -> int:
        found = self._distributor.read(self._at[name] + 4 * index, 4, vcpu)
        assert isinstance(found, int)
        return found

    def _byte(self, name: str, index: int, vcpu: int) -> int:
        found = self._distributor.read(self._at[name] + index, 1, vcpu)
        assert isinstance(found, int)
        return found

    def _write(self, name: str, value: int, vcpu: int) -> None:
        self._distributor.write(self._at[name], 4, value, vcpu)


def _size(which: DeviceAddress) -> int:
    return _DISTRIBUTOR_SIZE if which is DeviceAddress.DISTRIBUTOR else _INTERFACE_SIZE

"""What the guests of a host share: its memory, VMIDs, cores; and what the description says, looked up once a host."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import cached_property
from typing import Final

from ....isa.model.items import Description
from ...core import Core
from ...machine.events import EventStream
from ...tree.hardware import Hardware
from ..errors import KvmError
from ..regions import SLOTS
from ..terms import Capability
from .exits.traps import Exits
from .facts.fields import Fields
from .facts.syndromes import Syndromes
from .memory.host_memory import HostMemory
from .memory.vmid import VmidAllocator
from .registers.ids import RegisterIds

MOST_VCPUS: Final = 4
"""VMPIDR's Aff0 goes to 3 on a Cortex-A15, and KVM keeps to it."""
_EXTENSIONS: Final = {
    Capability.USER_MEMORY: 1,
    Capability.READONLY_MEM: 1,
    Capability.SYNC_MMU: 1,
    Capability.NR_MEMSLOTS: SLOTS,
    Capability.NR_VCPUS: MOST_VCPUS,
    Capability.MAX_VCPUS: MOST_VCPUS,
    Capability.ONE_REG: 1,
    Capability.IRQCHIP: 1,
    Capability.ARM_SET_DEVICE_ADDR: 1,
    Capability.ARM_PSCI: 1,
}


class Host:
    """See the module. `cores` are those of all vcpus."""

    def __init__(
        self, description: Description, hardware: Hardware, events: EventStream, now: Callable[[], int]
    ) -> None:
        """Raises KvmError (ENODEV) for a core without the Virtualization Extensions."""
        if "VE" not in description.features:
            raise KvmError(
                f"{description.core} has no Virtualization Extensions", "take another core", errno=errno.ENODEV
            )
        self.description = description
        self.hardware = hardware
        self.events = events
        self.now = now
        self.cores: list[Core] = []
        self.memory = HostMemory()
        vmid = next(one for one in description.registers["VTTBR"].fields if one.name == "VMID")
        self.vmids = VmidAllocator(vmid.width, self._flush)
        self.exits = Exits(description)
        self.syndromes = Syndromes(description)
        self._hcr = Fields(description, "HCR")

    @cached_property
    def register_ids(self) -> RegisterIds:
        """KVM's registers."""
        return RegisterIds(self.description)

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        return _EXTENSIONS.get(capability, 0)

    def control(self, field: str) -> int:
        """The mask of a bit of HCR."""
        return self._hcr.mask(field)

    def _flush(self) -> None:
        """__kvm_flush_vm_context: no translation of any VM is left."""
        for core in self.cores[:1]:
            core.tlb_flush()

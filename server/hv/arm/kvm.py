"""/dev/kvm of a host with Armv7-A cores that have the Virtualization Extensions: its memory, VMIDs, and VMs.

Linux 3.9 to 3.12, arch/arm/kvm/arm.c. What the description says of traps, syndromes and registers is looked up once a
host.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import cached_property
from itertools import count

from ....isa.model.items import Description
from ...machine.events import EventStream
from ...tree.hardware import Hardware
from ..errors import KvmError
from ..terms import Capability
from .aborts import Syndromes
from .coprocessor import Coprocessor
from .fields import Fields
from .host_memory import HostMemory
from .registers import OneReg, one_regs
from .traps import TrapTable
from .vm import MOST_VCPUS, ArmOptions, ArmVm
from .vmid import VmidAllocator


class ArmKvm:
    """The host."""

    def __init__(
        self,
        description: Description,
        hardware: Hardware | None = None,
        *,
        engine: str | None = None,
        events: EventStream | None = None,
        now: Callable[[], int] | None = None,
    ) -> None:
        """`hardware`, `events` and `now` (guest time) are the machine's whose host this is, if it has one.

        Raises KvmError (ENODEV) for a core without the Virtualization Extensions.
        """
        if "VE" not in description.features:
            raise KvmError(
                f"{description.core} has no Virtualization Extensions", "take another core", errno=errno.ENODEV
            )
        self.description = description
        self.hardware = hardware or Hardware(description, engine)
        self.events = events or EventStream()
        self.now = now or (lambda: 0)
        self.memory = HostMemory()
        self.vms: list[ArmVm] = []
        self._numbers = count()
        vmid = next(one for one in description.registers["VTTBR"].fields if one.name == "VMID")
        self.vmids = VmidAllocator(vmid.width, self._flush)
        self.traps = TrapTable(description)
        self.syndromes = Syndromes(description)
        self.coprocessor = Coprocessor(description)
        self.wait_fields = Fields(description, "iss_wfx")
        self._hcptr = Fields(description, "iss_hcptr")
        self._hcr = Fields(description, "HCR")

    @cached_property
    def one_regs(self) -> dict[str, OneReg]:
        """KVM's registers by their names."""
        return one_regs(self.description)

    @cached_property
    def _by_id(self) -> dict[int, OneReg]:
        return {one.id: one for one in self.one_regs.values()}

    def one_reg(self, number: int) -> OneReg:
        """The register with an id. Raises KvmError: EINVAL for no id of Arm's, ENOENT."""
        from .registers import ARM

        if number >> 56 != ARM >> 56:
            raise KvmError(f"{number:#x} is no id of an Arm register", "they begin with 0x40")
        found = self._by_id.get(number)
        if found is None:
            raise KvmError(f"KVM has no register {number:#x}", "get_reg_list has them all", errno=errno.ENOENT)
        return found

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        from ..regions import SLOTS

        answers = {
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
        return answers.get(capability, 0)

    def create_vm(self, options: ArmOptions | None = None) -> ArmVm:
        """KVM_CREATE_VM. Raises KvmError (ENOMEM) when there is no memory for its tables."""
        vm = ArmVm(self, next(self._numbers), options or ArmOptions())
        self.vms.append(vm)
        return vm

    def forget(self, vm: ArmVm) -> None:
        """A VM is closed."""
        self.vms.remove(vm)

    def control(self, field: str) -> int:
        """The mask of a bit of HCR."""
        return self._hcr.mask(field)

    def is_vfp(self, iss: int) -> bool:
        """Whether an access that HCPTR trapped was to VFP or Advanced SIMD."""
        return self._hcptr.get(iss, "COPROC") in (10, 11)

    def _flush(self) -> None:
        """__kvm_flush_vm_context: no translation of any VM is left."""
        for vm in self.vms:
            for vcpu in vm.vcpus[:1]:
                vcpu.core.tlb_flush()
                return

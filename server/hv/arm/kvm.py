"""/dev/kvm of a host with Armv7-A cores that have the Virtualization Extensions: it makes VMs.

Linux 3.9 to 3.12, arch/arm/kvm/arm.c.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ....isa.model.items import Description
from ...machine.events import EventStream
from ...tree.hardware import Hardware
from .host import Host
from .saved import restore, save
from .vm import ArmOptions, ArmVm


class ArmKvm(Host):
    """The host, and the VMs that it has."""

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
        hardware = hardware or Hardware(description, engine)
        super().__init__(description, hardware, events or EventStream(), now or (lambda: 0))
        self.vms: list[ArmVm] = []
        self._made = 0

    def create_vm(self, options: ArmOptions | None = None) -> ArmVm:
        """KVM_CREATE_VM. Raises KvmError (ENOMEM) when there is no memory for its tables."""
        vm = ArmVm(self, self._made, options or ArmOptions(), self.vms.remove)
        self._made += 1
        self.vms.append(vm)
        return vm

    def save_vm(self, vm: ArmVm, path: Path) -> None:
        """Writes a VM to a file (`saved.save`)."""
        save(vm, path)

    def restore_vm(self, path: Path) -> ArmVm:
        """A VM that `save_vm` has written, perhaps in another process (`saved.restore`)."""
        return restore(self.description, self.create_vm, path)

"""`arm-kvm`: the same board for a guest of the KVM/Arm model: Supervisor mode, stage 2, PSCI by HVC.

GIC, serial port and clock are user space's, as with QEMU's kernel_irqchip=off: their registers are accesses that leave.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace

from ...isa.model.items import Description
from ..hv.arm.exits.inject import inject_external
from ..hv.arm.kvm import ArmKvm
from ..hv.arm.vcpu import ArmVcpu
from ..hv.arm.vm import ArmOptions
from ..hv.kvm import Exit, Mmio
from ..loading.guest import Guest
from ..machine.bus import Unclaimed
from ..machine.elf import LoadedElf
from ..tree.hardware import Hardware
from ..tree.levels import one_partition
from ..tree.vcpu import MachineVcpu
from ..verdict import Verdict
from .arm_board import ArmBoard
from .booting import BootError, Placed
from .machine import Machine, MachineOptions
from .statistics import Statistics


class ArmKvmMachine(ArmBoard):
    """See the module."""

    NAME: ClassVar[str] = "arm-kvm"
    SUMMARY: ClassVar[str] = "Armv7-A guest under the KVM/Arm model"
    HOST: ClassVar[str] = "KVM/Arm"

    def __init__(
        self,
        description: Description,
        guest: Guest | LoadedElf,
        options: MachineOptions,
        arriving: Path | None = None,
        host: ArmKvm | None = None,
        beside: Machine | None = None,
    ) -> None:
        """`arriving`: a file that a VM was saved in, which goes on here; nothing is loaded then. `host`: another
        machine's, whose cores this guest shares; else the machine has one of its own. `beside`: see `Machine`."""
        super().__init__(description, guest, options, beside)
        if self.guest.firmware is not None or self.guest.flash:
            raise BootError(
                "machine 'arm-kvm' has no flash memory, which --bios and --flash fill",
                "take machine 'arm-virt', or put the file into RAM: --load FILE@ADDR --entry ADDR",
            )
        self.kvm = host or ArmKvm(
            description, Hardware(description, options.engine), events=self.events, now=lambda: self.clock.now
        )
        placed: Placed | None = None
        if arriving is None:
            self.vm = self.kvm.create_vm(ArmOptions(failures_are_exits=True))
            self.memory = self.vm.memory
            self.vm.set_user_memory_region(self.ram_slot)
            placed = self.load_guest()
            for number in range(options.vcpus):
                self.vm.create_vcpu(number).init(power_off=True)
        else:
            self.vm = self.kvm.restore_vm(arriving)
            self.memory = self.vm.memory
            self.ram_slot = self.memory.slots[0]
            self.ram = self.ram_slot.ram
        self.vm.psci.on_unknown = partial(self.count_unknown, "hypervisor call")
        vcpus = self.vm.vcpus
        for vcpu in vcpus:
            vcpu.timer_outputs = self.timer_outputs
        self.add_devices(partial(self._line, 0), partial(self._line, 1))
        self.vm.perform_accesses(self.user_space_devices())
        self.ready(one_partition(vcpus))
        if placed is None:
            return
        tree = self.place_tree("hvc")
        vcpus[0].start(placed.entry or 0, 0)
        vcpus[0].core.write("R", self.machine_type, 1)
        vcpus[0].core.write("R", tree, 2)
        self.given_registers()

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Accesses to devices; where none is, the guest takes an external abort."""
        assert isinstance(vcpu, ArmVcpu)
        if isinstance(left, Mmio):
            done = self.access_device(left, vcpu.number)
            if isinstance(done, Unclaimed):
                vcpu.load = None
                vcpu.core.pc = vcpu.core.read("ELR_hyp")
                inject_external(vcpu, vcpu.core.read("HDFAR"), left.is_write)
            else:
                vcpu.complete_mmio(done)
        return self.verdict

    def _line(self, line: int, cpu: int, level: int) -> None:
        if cpu < len(self.vm.vcpus):
            self.vm.irq_line(line, bool(level), vcpu=cpu)

    def core_address(self, address: int) -> int:
        """Where the model has put the guest's memory in the host."""
        return self.vm.host_address(address)

    def statistics(self) -> Statistics:
        """Also what the model answers itself."""
        figures = super().statistics()
        found = Counter(figures.exits)
        for vcpu in self.vm.vcpus:
            found.update(vcpu.statistics.named())
        return replace(figures, exits={name: count for name, count in found.most_common() if count})

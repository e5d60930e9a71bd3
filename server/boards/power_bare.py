"""`power-bare`: a Power core whose hypervisor state belongs to the guest, memory from 0, one serial port.

Each thread begins at the program's entry point in hypervisor real mode, with its number in r3 and PIR. The machine is
off once every thread is in a power-saving mode that nothing ends, rvwinkle with LPCR.PECE clear for instance.
"""

from __future__ import annotations

from typing import ClassVar

from ...isa.model.items import Description
from ..hv.kvm import Exit, InternalError
from ..machine.elf import LoadedElf, place
from ..verdict import Outcome, Verdict
from .bare import BareVcpu
from .cores import CoreMaker, power_rate
from .devices import UART, OnBus, serial_port
from .machine import Machine, MachineOptions
from .vcpu import MachineVcpu


class PowerBareMachine(Machine):
    """See the module."""

    NAME: ClassVar[str] = "power-bare"
    SUMMARY: ClassVar[str] = "Power core, the guest is the hypervisor"
    ELF_MACHINE: ClassVar[str] = "PPC64"
    CORES: ClassVar[tuple[str, ...]] = ("power7", "ppc970")
    RAM_SIZE: ClassVar[int] = 256 << 20

    def __init__(self, description: Description, elf: LoadedElf, options: MachineOptions) -> None:
        super().__init__(description, elf, options, power_rate(description))
        self.memory.add(self.ram_slot)
        place(elf, self.memory)
        maker = CoreMaker(description, options.engine)
        vcpus = [BareVcpu(n, maker.core(n, self.memory, self.bus), {}) for n in range(options.vcpus)]
        port = serial_port(description, "uart16550", self.console, "update_interrupt", self._signal_external)
        self.bus.attach(UART, OnBus(port, lambda: self.turns.current.number, size=0x1000))
        self.ready(vcpus)
        for vcpu in vcpus:
            vcpu.core.write("GPR", vcpu.number, 3)
            if "PIR" in description.registers:
                vcpu.core.write("PIR", vcpu.number)
            vcpu.core.pc = elf.physical_entry

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Nothing leaves a bare core that `Machine` does not answer."""
        reason = left.reason if isinstance(left, InternalError) else type(left).__name__
        return Verdict(Outcome.DIED, f"vcpu {vcpu.number}: {reason}")

    def _signal_external(self, level: bool) -> None:
        self.vcpus[0].core.set_input("EXTERNAL_PENDING", int(level))

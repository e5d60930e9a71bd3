"""`power-bare`: Power cores whose hypervisor state belongs to the guest, memory from 0, one serial port.

Each thread begins at the program's entry point in hypervisor real mode, with its number in r3, and has an interrupt
presentation controller on the bus. PIR of a POWER7 thread is four times its core's number and its own in it (TIR).
The machine is off once every thread is in a power-saving mode that nothing ends, rvwinkle with LPCR.PECE clear for
instance.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from ....isa.model.items import Description
from ...hv.kvm import Exit, InternalError
from ...loading.guest import Guest, guest_of
from ...machine.elf import LoadedElf
from ...machine.ram import ByteOrder
from ...tree.hardware import Hardware
from ...tree.levels import one_partition
from ...tree.vcpu import MachineVcpu
from ...verdict import Outcome, Verdict
from ..bare import BareVcpu
from ..booting import BootError, BootProtocol, put_blob
from ..devices import DEBUG_EXIT, UART, OnBus, debug_exit, serial_port
from ..machine import Machine, MachineOptions
from .power_boot import POWER_BOOT, power_orders, refuse_flash
from .presentation import ExternalLine, attach_presentation


class PowerBareMachine(Machine):
    """See the module."""

    NAME: ClassVar[str] = "power-bare"
    SUMMARY: ClassVar[str] = "Power core, the guest is the hypervisor"
    BOOT: ClassVar[BootProtocol] = replace(POWER_BOOT, kernel_under_firmware=None)
    CORES: ClassVar[tuple[str, ...]] = ("power7", "ppc970")
    RAM_SIZE: ClassVar[int] = 256 << 20
    MOST_THREADS: ClassVar[int] = 4

    def __init__(self, description: Description, guest: Guest | LoadedElf, options: MachineOptions) -> None:
        guest = guest_of(guest)
        if guest.tree is not None or guest.initrd is not None or options.bootargs:
            raise BootError(
                "machine 'power-bare' gives its guests no device tree: --dtb, --initrd and --append have nowhere to go",
                "put files into memory with --load FILE@ADDR, and tell the guest with --reg NAME=VALUE",
            )
        super().__init__(description, guest, options)
        self.memory.add(self.ram_slot)
        refuse_flash(self.guest, self.NAME)
        placed = self.load_guest()
        entry = placed.entry
        if guest.firmware is not None:
            put_blob(replace(guest.firmware, address=0), "--bios", self.places)
        if entry is None:
            entry = description.interrupts["system_reset"].vector
        hardware = Hardware(description, options.engine)
        threads = [hardware.thread(0, n // options.threads, n, self.memory, self.bus) for n in range(options.vcpus)]
        vcpus = [BareVcpu(n, thread, {"undefined_tlbie": _undefined_tlbie}) for n, thread in enumerate(threads)]
        self.external = [ExternalLine(vcpu.core) for vcpu in vcpus]
        line = self.external[0].of("serial port")
        port = serial_port(description, "uart16550", self.console, "update_interrupt", line)
        self.bus.attach(UART, OnBus(port, lambda: self.turns.current.number, size=0x1000))
        self.bus.attach(DEBUG_EXIT, debug_exit(description, self.leave, lambda: self.turns.current.number))
        self.ready(one_partition(vcpus, options.threads))
        for vcpu in vcpus:
            vcpu.core.write("GPR", vcpu.number, 3)
            identity = self._identify(vcpu)
            attach_presentation(
                self.bus, description, identity, self.external[vcpu.number], lambda: self.turns.current.number
            )
            if guest.firmware is None:
                vcpu.core.put_fields("MSR", LE=int(self.elf.order == "little"))
                vcpu.core.write("GPR", placed.table_of_contents or 0, 2)
            vcpu.core.pc = entry
        self.given_registers()

    def orders(self) -> tuple[ByteOrder, ...]:
        """See `Machine`."""
        return power_orders(self.description)

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Nothing leaves a bare core that `Machine` does not answer."""
        reason = left.reason if isinstance(left, InternalError) else type(left).__name__
        return Verdict(Outcome.DIED, f"vcpu {vcpu.number}: {reason}")

    def _identify(self, vcpu: MachineVcpu) -> int:
        """Tells a thread and its core which they are; PIR, by which its presentation controller is found."""
        core, registers, threads = vcpu.core, self.description.registers, self.options.threads
        identity = vcpu.number
        if "TIR" in registers:
            per_core = self.description.constants["HARDWARE_THREADS"].value
            identity = vcpu.number // threads * per_core + vcpu.number % threads
            core.write("CORE_THREADS", threads)
        if "PIR" in registers:
            core.write("PIR", identity)
        return identity


def _undefined_tlbie(vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit:
    """The 970's `tlbie` while another processor changes partitions: the book leaves what it does undefined."""
    return InternalError(
        f"undefined: tlbie before pc {vcpu.core.pc:#x}, while another processor has changed its partition in HID4 and"
        " has not synchronized its context yet"
    )

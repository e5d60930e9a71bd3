"""What the two Arm machines have in common: QEMU's `virt` memory map, device tree, serial port, GIC, clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from ...isa.engine.devices import DescribedDevice, DevicePorts
from ...isa.model.items import Description
from ..core import Core
from ..machine.dtb import flatten
from ..machine.elf import LoadedElf
from ..machine.virt_fdt import Psci as PsciNode
from ..machine.virt_fdt import TimerPpis, VirtBoard, VirtMap, virt_fdt
from .cores import arm_rate
from .devices import OnBus, serial_port
from .machine import Machine, MachineOptions
from .placing import lowest_room

FIRST_PPI = 16
FIRST_SPI = 32


class ArmBoard(Machine):
    """Base of the Arm machines."""

    ELF_MACHINE: ClassVar[str] = "ARM"
    CORES: ClassVar[tuple[str, ...]] = ("armv7ve",)
    RAM_BASE: ClassVar[int] = VirtMap().ram
    RAM_SIZE: ClassVar[int] = 128 << 20

    def __init__(self, description: Description, elf: LoadedElf, options: MachineOptions) -> None:
        super().__init__(description, elf, options, arm_rate(description))
        self.map = VirtMap()
        self._ppis = TimerPpis()

    def add_devices(self, interrupt: Callable[[int, bool], None]) -> None:
        """Puts GIC, PL011 and PL031 on the bus; `interrupt(cpu, level)` drives a processor's IRQ."""
        self.gic = DescribedDevice(
            self.description,
            "gicv2",
            DevicePorts(signals={"irq": lambda cpu, level: interrupt(cpu, bool(level))}),
        )
        spi = self.map.uart_spi
        port = serial_port(self.description, "pl011", self.console, "update", lambda level: self._shared(spi, level))
        rtc = DescribedDevice(
            self.description,
            "pl031",
            DevicePorts(signals={"irq": lambda _, level: self._shared(self.map.rtc_spi, bool(level))}),
        )

        def accessing() -> int:
            return self.turns.current.number

        self.bus.attach(self.map.gic_distributor.base, OnBus(self.gic, accessing))
        self.bus.attach(self.map.uart.base, OnBus(port, accessing))
        self.bus.attach(self.map.rtc.base, OnBus(rtc, accessing))

    def _shared(self, spi: int, level: bool) -> None:
        self.gic.call("drive", 0, FIRST_SPI + spi, int(level))

    def timer_outputs(self, cpu: int, outputs: int) -> None:
        """The generic timer's outputs of a processor: bit 0 physical, 1 virtual, 2 Hyp."""
        for bit, ppi in enumerate((self._ppis.nonsecure, self._ppis.virtual, self._ppis.hypervisor)):
            self.gic.call("drive", cpu, FIRST_PPI + ppi, outputs >> bit & 1)

    def place_tree(self, method: str) -> int:
        """Writes the device tree to the lowest free place in RAM, its start if that is free; returns the address."""
        numbers = {call.name: call.number for call in self.description.hypercalls.values() if call.abi == "psci"}
        functions = {
            "cpu_suspend": numbers["PSCI_CPU_SUSPEND"],
            "cpu_off": numbers["PSCI_CPU_OFF"],
            "cpu_on": numbers["PSCI_CPU_ON"],
            "migrate": numbers["PSCI_MIGRATE"],
        }
        board = VirtBoard(
            ram_size=self.ram.size,
            psci=PsciNode(functions, method, ("arm,psci-0.2", "arm,psci")),
            cpus=range(self.options.vcpus),
            bootargs=self.options.bootargs,
            timer=self._ppis,
        )
        tree = flatten(virt_fdt(board))
        place = lowest_room(self.elf, len(tree), 0x1000, self.ram_slot.base, self.ram_slot.end)
        self.ram_slot.ram.write(place - self.ram_slot.base, tree)
        return place

    def number_cores(self, cores: Sequence[Core]) -> None:
        """Aff0 of MPIDR and VMPIDR is the number of the processor."""
        for number, core in enumerate(cores):
            for name in ("MPIDR", "VMPIDR"):
                core.write(name, core.read(name) | number)


def begin(core: Core, entry: int, mode: str, r0: int, r2: int = 0) -> None:
    """A processor starts at `entry` (bit 0: Thumb) in a mode, with all interrupts masked."""
    description = core.description
    core.put("CPSR", core.read("CPSR") & ~0x1F | description.enums["processor_mode"].members[mode])
    core.put_fields("CPSR", A=1, I=1, F=1, T=entry & 1)
    for n, value in enumerate((r0, 0, r2)):
        core.write("R", value, n)
    core.pc = entry & ~1

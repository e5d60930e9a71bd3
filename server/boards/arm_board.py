"""What the two Arm machines have in common: QEMU's `virt` memory map, device tree, serial port, GIC, clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ...isa.engine.devices import DescribedDevice, DevicePorts
from ...isa.model.items import Description
from ..core import Core
from ..loading.guest import Guest
from ..loading.places import Piece, room_for
from ..machine.dtb import flatten
from ..machine.elf import LoadedElf
from ..machine.events import DeviceAccess
from ..machine.fdt import DeviceTree
from ..machine.given_tree import check_memory, complete_chosen
from ..machine.virt_fdt import Psci as PsciNode
from ..machine.virt_fdt import Region, TimerPpis, VirtBoard, VirtMap, virt_fdt
from .booting import BootProtocol, place_initrd
from .devices import OnBus, debug_exit, serial_port
from .machine import Machine, MachineOptions
from .virtual_interface import VirtualInterface

_FURTHEST = 128 << 20
"""From the start of RAM: where the tree goes at most, so that a kernel finds it in its first mapping."""
FIRST_PPI = 16
FIRST_SPI = 32
MAINTENANCE_PPI = 9
PERFORMANCE_PPI = 7


class ArmBoard(Machine):
    """Base of the Arm machines."""

    BOOT: ClassVar[BootProtocol] = BootProtocol(
        machine="ARM",
        orders=("little",),
        instruction_alignment=4,
        ram=VirtMap().ram,
        linux_offset=0x8000,
        raw_offset=0x1_0000,
        zimage_offset=0x1_0000,
    )
    CORES: ClassVar[tuple[str, ...]] = ("armv7ve",)
    RAM_SIZE: ClassVar[int] = 128 << 20
    HAS_HYP_MODE: ClassVar[bool] = False
    """Whether Hyp mode, and the GIC's Virtualization Extensions, are the guest's where the core has them."""

    def __init__(
        self,
        description: Description,
        guest: Guest | LoadedElf,
        options: MachineOptions,
        beside: Machine | None = None,
    ) -> None:
        """`beside`: see `Machine`."""
        super().__init__(description, guest, options, beside)
        self.map = VirtMap()
        self._ppis = TimerPpis()

    def add_devices(self, irq: Callable[[int, int], None], fiq: Callable[[int, int], None]) -> None:
        """Puts GIC, PL011 and PL031 on the bus; `irq(cpu, level)` and `fiq` drive a processor's inputs."""
        self.gic = DescribedDevice(self.description, "gicv2", DevicePorts(signals={"irq": irq, "fiq": fiq}))
        self.gic.call("connect", self.options.vcpus)
        spi = self.map.uart_spi
        port = serial_port(self.description, "pl011", self.console, "update", lambda level: self._shared(spi, level))
        rtc = DescribedDevice(
            self.description,
            "pl031",
            DevicePorts(signals={"irq": lambda _, level: self._shared(self.map.rtc_spi, bool(level))}),
        )

        def accessing() -> int:
            return self.turns.current.number

        self.parts |= {"gic": self.gic, "uart": port, "rtc": rtc}
        self.bus.attach(self.map.gic_distributor.base, OnBus(self.gic, accessing))
        self.bus.attach(self.map.uart.base, OnBus(port, accessing))
        self.bus.attach(self.map.rtc.base, OnBus(rtc, accessing))
        self.bus.attach(self.map.debug_exit.base, debug_exit(self.description, self.leave, accessing))

    def add_virtual_interrupts(self, core: Core) -> None:
        """Gives the processors the GIC's Virtualization Extensions, after `add_devices`. `core` is one of them."""

        def tell() -> None:
            core.state.write("ACCESSES_ARE_TOLD", int(DeviceAccess in self.events.wanted))

        interface = VirtualInterface(
            lambda: self.vcpus,
            lambda: self.turns.current.number,
            lambda cpu, number: self.gic.call("deactivate", cpu, number),
            tell,
        )
        self.parts["gic_virtual"] = interface
        self.bus.attach(self.map.gic_hypervisor.base, interface)
        core.write("VIRTUAL_INTERFACE_BASE", self.map.gic_hypervisor.base)
        self.events.watch_wanted(lambda wanted: tell())

    def maintenance(self, cpu: int, level: int) -> None:
        """A processor's maintenance interrupt took a level."""
        self.gic.call("drive", cpu, FIRST_PPI + MAINTENANCE_PPI, level)

    def _shared(self, spi: int, level: bool) -> None:
        self.gic.call("drive", 0, FIRST_SPI + spi, int(level))

    def timer_outputs(self, cpu: int, outputs: int) -> None:
        """A processor's outputs: bit 0 physical timer, 1 virtual, 2 Hyp, 3 performance monitors."""
        ppis = (self._ppis.nonsecure, self._ppis.virtual, self._ppis.hypervisor, PERFORMANCE_PPI)
        for bit, ppi in enumerate(ppis):
            self.gic.call("drive", cpu, FIRST_PPI + ppi, outputs >> bit & 1)

    def place_tree(self, method: str) -> int:
        """Puts initial RAM disk and device tree into RAM; returns the tree's address.

        They lie in the second half of RAM, as QEMU has it, and above the program in any case: what unpacks itself does
        not reach so far. Firmware looks for the tree at the start of RAM.
        """
        start, end = self.ram_slot.base, self.ram_slot.end
        behind = self.places.end_of(start, end)
        low = max(behind, start + min(self.ram.size // 2, _FURTHEST))
        initrd = place_initrd(self.guest, self.places, low, end)
        if self.guest.tree is None:
            tree = self._own_tree(method, initrd)
        else:
            tree = self.guest.tree.tree
            check_memory(tree, self.guest.tree.path, start, self.ram.size)
            complete_chosen(tree, self.options.bootargs, initrd)
        self.tree = flatten(tree)
        size = len(self.tree)
        program = self.guest.program is not None or bool(self.guest.elf_loads)
        found = None
        for lowest in (low, behind) if program else ():
            found = self.places.lowest(size, 0x1000, lowest, end) if found is None else found
        if found is None:
            found = self.places.lowest(size, 0x1000, start, end)
        at = room_for("the device tree", size, found, start, end)
        self.places.put(Piece("the device tree", at, size, "make room in RAM"), self.tree)
        return at

    def _own_tree(self, method: str, initrd: tuple[int, int] | None) -> DeviceTree:
        numbers = {call.name: call.number for call in self.description.hypercalls.values() if call.abi == "psci"}
        functions = {
            "cpu_suspend": numbers["PSCI_CPU_SUSPEND"],
            "cpu_off": numbers["PSCI_CPU_OFF"],
            "cpu_on": numbers["PSCI_CPU_ON"],
            "migrate": numbers["PSCI_MIGRATE"],
        }
        return virt_fdt(
            VirtBoard(
                ram_size=self.ram.size,
                psci=PsciNode(functions, method, ("arm,psci-0.2", "arm,psci")),
                cpus=range(self.options.vcpus),
                bootargs=self.options.bootargs,
                timer=self._ppis,
                virtualization=self.HAS_HYP_MODE and "VE" in self.description.features,
                gic_maintenance_ppi=MAINTENANCE_PPI,
                initrd=None if initrd is None else Region(*initrd),
                flash=self.flash_regions(),
            )
        )

    def flash_regions(self) -> tuple[Region, ...]:
        """Banks of flash memory that the tree tells of."""
        return ()

    @property
    def machine_type(self) -> int:
        """r1 at the entry point: for a kernel that there is no machine type, for other programs nothing."""
        return 0xFFFF_FFFF if self.guest.is_kernel else 0


def identify(core: Core, number: int, processors: int) -> None:
    """After a reset: MPIDR and VMPIDR have the processor's number, L2CTLR how many there are, CBAR where the GIC is."""
    core.write("CBAR", VirtMap().gic_distributor.base)
    for name in ("MPIDR", "VMPIDR"):
        if name in core.description.registers:
            core.write(name, core.read(name) | number)
    low, width = core.bits("L2CTLR", "CPUS")
    core.write("L2CTLR", core.read("L2CTLR") | min(processors - 1, (1 << width) - 1) << low)


def begin(core: Core, entry: int, mode: str, r0: int, r1: int = 0, r2: int = 0) -> None:
    """A processor starts at `entry` (bit 0: Thumb) in a mode, with all interrupts masked."""
    description = core.description
    core.put("CPSR", core.read("CPSR") & ~0x1F | description.enums["processor_mode"].members[mode])
    core.put_fields("CPSR", A=1, I=1, F=1, T=entry & 1)
    for n, value in enumerate((r0, r1, r2)):
        core.write("R", value, n)
    core.pc = entry & ~1

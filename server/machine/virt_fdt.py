"""Device tree of the Arm `virt` board: QEMU's, reduced to the parts that this machine has.

The numbers were read from the tree that QEMU 7.2 makes (`-M virt,virtualization=on,dumpdtb=...`),
so that a kernel or U-Boot built for QEMU's board finds everything where it expects it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from .fdt import DeviceTree, Node, PropertyValue, cells, cells64

# Interrupt specifier of the GIC's binding (arm,gic): type, number, trigger.
_SPI, _PPI = 0, 1
_LEVEL_HIGH = 4
_FLASH_WIDTH = 4


class Region(msgspec.Struct, frozen=True):
    """A window of physical addresses, in bytes."""

    base: int
    size: int


class VirtMap(msgspec.Struct, frozen=True):
    """Where the board's parts are, and which shared peripheral interrupt (SPI) each has."""

    ram: int = 0x4000_0000
    gic_distributor: Region = Region(0x0800_0000, 0x1_0000)
    gic_cpu_interface: Region = Region(0x0801_0000, 0x1_0000)
    gic_hypervisor: Region = Region(0x0803_0000, 0x1_0000)
    gic_virtual_cpu_interface: Region = Region(0x0804_0000, 0x1_0000)
    uart: Region = Region(0x0900_0000, 0x1000)
    uart_spi: int = 1
    rtc: Region = Region(0x0901_0000, 0x1000)
    rtc_spi: int = 2
    debug_exit: Region = Region(0x090F_0000, 0x1000)
    """Where QEMU's board has nothing."""
    peripheral_clock_hz: int = 24_000_000


class Psci(msgspec.Struct, frozen=True):
    """The PSCI interface as the tree describes it; function numbers come from the description."""

    functions: Mapping[str, int]
    """Property name (cpu_suspend, cpu_off, cpu_on, migrate) to function number."""
    method: str = "hvc"
    compatible: Sequence[str] = ("arm,psci",)


class TimerPpis(msgspec.Struct, frozen=True):
    """Private peripheral interrupts of the generic timer, numbered from 0 (interrupt 16)."""

    secure: int = 13
    nonsecure: int = 14
    virtual: int = 11
    hypervisor: int = 10


class VirtBoard(msgspec.Struct, frozen=True):
    """What a tree is made for. `cpus` are MPIDR affinity values, sizes and addresses are in bytes."""

    ram_size: int
    psci: Psci
    cpus: Sequence[int] = (0,)
    cpu_compatible: str = "arm,cortex-a15"
    memory_map: VirtMap = msgspec.field(default_factory=VirtMap)
    timer: TimerPpis = msgspec.field(default_factory=TimerPpis)
    timer_hz: int | None = None
    """Only where firmware leaves CNTFRQ unset; else None, and the kernel reads CNTFRQ."""
    virtualization: bool = False
    """Whether Hyp mode and the GIC's virtualization extensions are there to be used."""
    gic_maintenance_ppi: int = 9
    bootargs: str = ""
    initrd: Region | None = None
    flash: Sequence[Region] = ()
    """Banks of flash memory, 32 bits wide."""


def virt_fdt(board: VirtBoard) -> DeviceTree:
    """The board's tree; `dtb.flatten` makes the blob that goes to r2. Raises FdtError for numbers that
    do not fit their cells."""
    places = board.memory_map
    tree = DeviceTree()
    root = tree.root
    root.properties.update(
        {
            "compatible": b"linux,dummy-virt\0",
            "model": b"linux,dummy-virt\0",
            "#address-cells": cells(2),
            "#size-cells": cells(2),
        }
    )
    _add_chosen(root, board)
    if board.flash:
        banks = b"".join(cells64(bank.base, bank.size) for bank in board.flash)
        root.add(
            f"flash@{board.flash[0].base:x}", {"compatible": "cfi-flash", "reg": banks, "bank-width": _FLASH_WIDTH}
        )
    psci: dict[str, PropertyValue] = {"compatible": board.psci.compatible, "method": board.psci.method}
    root.add("psci", psci | dict(board.psci.functions))
    root.add(
        f"memory@{places.ram:x}",
        {"device_type": "memory", "reg": cells64(places.ram, board.ram_size)},
    )
    _add_cpus(root, board)
    gic = _add_gic(root, board)
    root.properties["interrupt-parent"] = cells(tree.phandle(gic))
    _add_timer(root, board)
    clock = root.add(
        "apb-pclk",
        {
            "compatible": "fixed-clock",
            "#clock-cells": 0,
            "clock-frequency": places.peripheral_clock_hz,
            "clock-output-names": "clk24mhz",
        },
    )
    _add_primecell(root, "pl011", places.uart, places.uart_spi, ["uartclk", "apb_pclk"], tree.phandle(clock))
    _add_primecell(root, "pl031", places.rtc, places.rtc_spi, ["apb_pclk"], tree.phandle(clock))
    exit_device = places.debug_exit
    root.add(
        f"debug-exit@{exit_device.base:x}",
        {"compatible": "trapline,debug-exit", "reg": cells64(exit_device.base, exit_device.size)},
    )
    return tree


def _add_chosen(root: Node, board: VirtBoard) -> None:
    chosen: dict[str, PropertyValue] = {"stdout-path": f"/pl011@{board.memory_map.uart.base:x}"}
    if board.bootargs:
        chosen["bootargs"] = board.bootargs
    if board.initrd is not None:
        chosen["linux,initrd-start"] = cells64(board.initrd.base)
        chosen["linux,initrd-end"] = cells64(board.initrd.base + board.initrd.size)
    root.add("chosen", chosen)


def _add_cpus(root: Node, board: VirtBoard) -> None:
    cpus = root.add("cpus", {"#address-cells": 1, "#size-cells": 0})
    for affinity in board.cpus:
        cpu: dict[str, PropertyValue] = {
            "device_type": "cpu",
            "compatible": board.cpu_compatible,
            "reg": affinity,
        }
        if len(board.cpus) > 1:
            cpu["enable-method"] = "psci"
        cpus.add(f"cpu@{affinity:x}", cpu)


def _add_gic(root: Node, board: VirtBoard) -> Node:
    places = board.memory_map
    regions = [places.gic_distributor, places.gic_cpu_interface]
    if board.virtualization:
        regions += [places.gic_hypervisor, places.gic_virtual_cpu_interface]
    gic = root.add(
        f"intc@{places.gic_distributor.base:x}",
        {
            "compatible": "arm,cortex-a15-gic",
            "interrupt-controller": b"",
            "#interrupt-cells": 3,
            "#address-cells": 2,
            "#size-cells": 2,
            "ranges": b"",
            "reg": b"".join(cells64(region.base, region.size) for region in regions),
        },
    )
    if board.virtualization:
        gic.properties["interrupts"] = cells(_PPI, board.gic_maintenance_ppi, _LEVEL_HIGH)
    return gic


def _add_timer(root: Node, board: VirtBoard) -> None:
    # The binding's order; bits 15:8 of the third cell are the mask of CPUs that have the interrupt.
    mask = ((1 << len(board.cpus)) - 1) << 8
    ppis = board.timer
    order = (ppis.secure, ppis.nonsecure, ppis.virtual, ppis.hypervisor)
    timer = root.add(
        "timer",
        {
            "compatible": "arm,armv7-timer",
            "always-on": b"",
            "interrupts": b"".join(cells(_PPI, number, mask | _LEVEL_HIGH) for number in order),
        },
    )
    if board.timer_hz is not None:
        timer.properties["clock-frequency"] = cells(board.timer_hz)


def _add_primecell(root: Node, part: str, region: Region, spi: int, clock_names: Sequence[str], clock: int) -> None:
    root.add(
        f"{part}@{region.base:x}",
        {
            "compatible": [f"arm,{part}", "arm,primecell"],
            "reg": cells64(region.base, region.size),
            "interrupts": cells(_SPI, spi, _LEVEL_HIGH),
            "clocks": [clock] * len(clock_names),
            "clock-names": clock_names,
        },
    )

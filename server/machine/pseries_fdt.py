"""Device tree of the `pseries` machine: a PAPR logical partition with XICS and a virtual terminal.

This is the least that Linux needs to run as a partition without firmware (LoPAPR, appendices B
and C, name the properties). Numbers that the guest hands back, such as RTAS tokens, are arguments:
they come from the description.
"""

from collections.abc import Mapping, Sequence

import msgspec

from .fdt import DeviceTree, FdtError, Node, PropertyValue, cells, cells64

_LARGEST_CELL = (1 << 32) - 1
_FIRST_UNIT = 0x7100_0000
"""Of virtual devices."""


class PageSizeEncoding(msgspec.Struct, frozen=True):
    """An actual page size inside a segment: `shift` is its log2, `penc` the LP value in the HPTE."""

    shift: int
    penc: int


class SegmentPageSize(msgspec.Struct, frozen=True):
    """A base page size of segments: log2, the L and LP bits of the SLB entry, and actual sizes."""

    shift: int
    slb_encoding: int
    encodings: Sequence[PageSizeEncoding]


BASE_4K = SegmentPageSize(12, 0, (PageSizeEncoding(12, 0),))
BASE_64K = SegmentPageSize(16, 0x110, (PageSizeEncoding(16, 1),))
BASE_16M = SegmentPageSize(24, 0x100, (PageSizeEncoding(24, 0),))


class PseriesCpu(msgspec.Struct, frozen=True):
    """A kind of processor: everything that the tree says of each of its cores.

    Linux takes page sizes that are not listed for granted on the PPC970: list 4 KB alone there.
    """

    node_name: str
    """Such as "PowerPC,POWER7"."""
    pvr: int
    slb_size: int
    timebase_hz: int
    clock_hz: int
    page_sizes: Sequence[SegmentPageSize] = (BASE_4K,)
    segment_shifts: Sequence[int] = (28,)
    """log2 of the segment sizes: 28, and 40 where 1 TB segments exist."""
    cache_block: int = 128
    l1_cache: int = 0x8000
    vmx_level: int | None = None
    """ibm,vmx: 1 with VMX, 2 with VSX, None without."""
    dfp: bool = False


class Rtas(msgspec.Struct, frozen=True):
    """The RTAS stub and what it offers; `base` and `size` in bytes, kept free by a reservation."""

    base: int
    size: int
    entry: int
    tokens: Mapping[str, int]
    """Property name of each call (such as "start-cpu") to its token."""


class Vty(msgspec.Struct, frozen=True):
    """A virtual terminal: its unit address is the termno of H_PUT_TERM_CHAR and H_GET_TERM_CHAR."""

    unit: int
    compatible: str = "hvterm1"


class PseriesBoard(msgspec.Struct, frozen=True):
    """What a tree is made for. Sizes and addresses are in bytes."""

    ram_size: int
    cpu: PseriesCpu
    rtas: Rtas
    hypertas_functions: Sequence[str]
    """What /rtas ibm,hypertas-functions lists; without it Linux does not see a partition."""
    hpt_order: int
    """log2 of the hashed page table's size in bytes (ibm,pft-size)."""
    cores: int = 1
    threads: int = 1
    """Hardware threads of each core."""
    rma_size: int | None = None
    """Real mode area: becomes a memory node of its own. None: all RAM is one node."""
    vtys: Sequence[Vty] = (Vty(0x7100_0000),)
    bootargs: str = ""
    initrd: tuple[int, int] | None = None
    """First address and size."""
    nvram_size: int = 0
    """Bytes of non-volatile memory; 0: there is none."""
    random_numbers: bool = False
    """Whether the platform has a random number generator, which H_RANDOM reads."""
    kernel: tuple[int, int] | None = None
    """First address and size of a kernel that firmware is to start (SLOF: qemu,boot-kernel)."""
    debug_exit: tuple[int, int] | None = None
    """First real address and size of the device that ends the run with a status."""
    reservations: Sequence[tuple[int, int]] = msgspec.field(default_factory=tuple)


def pseries_fdt(board: PseriesBoard) -> DeviceTree:
    """The machine's tree; `dtb.flatten` makes the blob that goes to r3. Raises FdtError when RTAS, the
    initrd or the real mode area lie outside RAM, or a number does not fit its cells."""
    _check_inside(board)
    rtas_page = (board.rtas.base, -(-board.rtas.size // 0x1000) * 0x1000)
    tree = DeviceTree(reservations=(rtas_page, *board.reservations))
    root = tree.root
    root.properties.update(
        {
            "#address-cells": cells(2),
            "#size-cells": cells(2),
            "device_type": b"chrp\0",
            "model": b"IBM pSeries (emulated by Trapline)\0",
            "compatible": b"qemu,pseries\0",
        }
    )
    _add_chosen(root, board)
    root.add(
        "rtas",
        {
            "ibm,hypertas-functions": board.hypertas_functions,
            "qemu,hypertas-functions": "hcall-memop1",
            "linux,rtas-base": board.rtas.base,
            "linux,rtas-entry": board.rtas.entry,
            "rtas-size": board.rtas.size,
            **board.rtas.tokens,
        },
    )
    root.add("hypervisor", {"compatible": "linux,kvm"})
    rma = board.rma_size or board.ram_size
    for base, size in ((0, rma), (rma, board.ram_size - rma)):
        if size:
            root.add(f"memory@{base:x}", {"device_type": "memory", "reg": cells64(base, size)})
    _add_cpus(root, board)
    root.add(
        "interrupt-controller",
        {
            "device_type": "PowerPC-External-Interrupt-Presentation",
            "compatible": "IBM,ppc-xicp",
            "interrupt-controller": b"",
            "#interrupt-cells": 2,
            "ibm,interrupt-server-ranges": [0, board.cores * board.threads],
        },
    )
    vdevice = root.add(
        "vdevice",
        {"#address-cells": 1, "#size-cells": 0, "device_type": "vdevice", "compatible": "IBM,vdevice"},
    )
    for vty in board.vtys:
        properties: dict[str, PropertyValue] = {"device_type": "serial", "reg": vty.unit}
        properties["compatible"] = vty.compatible
        vdevice.add(f"vty@{vty.unit:x}", properties)
    if board.debug_exit is not None:
        base, size = board.debug_exit
        root.add(f"debug-exit@{base:x}", {"compatible": "trapline,debug-exit", "reg": cells64(base, size)})
    if board.nvram_size:
        unit = max((vty.unit for vty in board.vtys), default=_FIRST_UNIT - 1) + 1
        vdevice.add(
            f"nvram@{unit:x}",
            {"device_type": "nvram", "compatible": "qemu,spapr-nvram", "reg": unit, "#bytes": board.nvram_size},
        )
    if board.random_numbers:
        facilities = root.add(
            "ibm,platform-facilities",
            {"#address-cells": 1, "#size-cells": 0, "device_type": "ibm,platform-facilities"},
        )
        facilities.add("ibm,random-v1", {"device_type": "ibm,random-v1", "compatible": "ibm,random"})
    return tree


def _check_inside(board: PseriesBoard) -> None:
    parts = [("RTAS", board.rtas.base, board.rtas.size)]
    if board.initrd is not None:
        parts.append(("the initrd", *board.initrd))
    if board.rma_size is not None:
        parts.append(("the real mode area", 0, board.rma_size))
    for name, base, size in parts:
        if base + size > board.ram_size:
            raise FdtError(
                f"{name} at {base:#x}-{base + size - 1:#x} is outside the {board.ram_size:#x} bytes of RAM",
                "place it lower or give the machine more memory",
            )


def _add_chosen(root: Node, board: PseriesBoard) -> None:
    chosen: dict[str, PropertyValue] = {}
    if board.bootargs:
        chosen["bootargs"] = board.bootargs
    if board.vtys:
        chosen["stdout-path"] = chosen["linux,stdout-path"] = f"/vdevice/vty@{board.vtys[0].unit:x}"
    if board.initrd is not None:
        base, size = board.initrd
        chosen["linux,initrd-start"] = cells64(base)
        chosen["linux,initrd-end"] = cells64(base + size)
    if board.kernel is not None:
        chosen["qemu,boot-kernel"] = cells64(*board.kernel)
    root.add("chosen", chosen)


def _add_cpus(root: Node, board: PseriesBoard) -> None:
    """One node a core, its threads in ibm,ppc-interrupt-server#s; thread numbers count through."""
    cpu = board.cpu
    cpus = root.add("cpus", {"#address-cells": 1, "#size-cells": 0})
    for core in range(board.cores):
        first = core * board.threads
        servers = range(first, first + board.threads)
        properties: dict[str, PropertyValue] = {
            "device_type": "cpu",
            "reg": first,
            "status": "okay",
            "cpu-version": cpu.pvr,
            "64-bit": b"",
            "timebase-frequency": cpu.timebase_hz,
            "clock-frequency": min(cpu.clock_hz, _LARGEST_CELL),
            "ibm,slb-size": cpu.slb_size,
            "slb-size": cpu.slb_size,
            "ibm,pft-size": [0, board.hpt_order],
            "ibm,segment-page-sizes": _page_size_cells(cpu.page_sizes),
            "ibm,ppc-interrupt-server#s": list(servers),
            "ibm,ppc-interrupt-gserver#s": [cell for server in servers for cell in (server, 0)],
        }
        if cpu.clock_hz > _LARGEST_CELL:
            properties["ibm,extended-clock-frequency"] = cells64(cpu.clock_hz)
        for cache in ("d-cache", "i-cache"):
            properties[f"{cache}-size"] = cpu.l1_cache
            properties[f"{cache}-block-size"] = cpu.cache_block
            properties[f"{cache}-line-size"] = cpu.cache_block
        if len(cpu.segment_shifts) > 1:
            # Position stands for the SLB's B field; -1 says that a B value does not exist.
            shifts = [*cpu.segment_shifts, *[0xFFFF_FFFF] * (4 - len(cpu.segment_shifts))]
            properties["ibm,processor-segment-sizes"] = shifts
        if cpu.vmx_level is not None:
            properties["ibm,vmx"] = cpu.vmx_level
        if cpu.dfp:
            properties["ibm,dfp"] = 1
        cpus.add(f"{cpu.node_name}@{first:x}", properties)


def _page_size_cells(sizes: Sequence[SegmentPageSize]) -> bytes:
    """ibm,segment-page-sizes: per segment size (shift, SLB encoding, count, then (shift, penc) pairs)."""
    found = b""
    for size in sizes:
        found += cells(size.shift, size.slb_encoding, len(size.encodings))
        found += b"".join(cells(one.shift, one.penc) for one in size.encodings)
    return found

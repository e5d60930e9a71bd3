"""The boards' device trees say what QEMU's boards say, as far as the parts go that they share."""

import subprocess
from pathlib import Path

import pytest

from trapline.server.machine.dtb import flatten, unflatten
from trapline.server.machine.fdt import DeviceTree, FdtError, cells, cells64
from trapline.server.machine.pseries_fdt import BASE_4K, BASE_64K, PseriesBoard, PseriesCpu, Rtas, pseries_fdt
from trapline.server.machine.virt_fdt import Psci, Region, VirtBoard, VirtMap, virt_fdt

from ..oracle import require
from ..patience import HANGS

# Numbers of the test's own: the real ones belong to the description.
PSCI = Psci({"cpu_suspend": 0x84000001, "cpu_off": 0x84000002, "cpu_on": 0x84000003, "migrate": 0x84000005})
TOKENS = {"display-character": 0x2000, "get-time-of-day": 0x2001, "start-cpu": 0x2006}
HYPERTAS = ("hcall-pft", "hcall-term", "hcall-interrupt", "hcall-splpar", "hcall-bulk")
POWER7 = PseriesCpu(
    node_name="PowerPC,POWER7",
    pvr=0x3F0203,
    slb_size=32,
    timebase_hz=512_000_000,
    clock_hz=1_000_000_000,
    page_sizes=(BASE_4K, BASE_64K),
    segment_shifts=(28, 40),
    vmx_level=2,
    dfp=True,
)
RTAS = Rtas(base=0x0E00_0000, size=0x14, entry=0x0E00_0000, tokens=TOKENS)


def qemu_tree(program: str, machine: str, arguments: list[str], folder: Path) -> DeviceTree:
    """The tree that QEMU makes for a machine."""
    blob = folder / "qemu.dtb"
    qemu = require.oracle(program)
    command = [qemu, "-M", f"{machine},dumpdtb={blob}", "-nodefaults", "-display", "none", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=HANGS)
    return unflatten(blob.read_bytes())


def differing(ours: DeviceTree, theirs: DeviceTree, path: str, leave_out: set[str]) -> dict[str, object]:
    """Properties of a node of ours that QEMU's has not, or has with another value."""
    mine, other = ours.find(path).properties, theirs.find(path).properties
    return {
        name: (value, other.get(name))
        for name, value in mine.items()
        if other.get(name) != value and name not in leave_out
    }


@pytest.mark.oracle
@pytest.mark.parametrize("virtualization", [False, True])
@pytest.mark.parametrize("cpus", [1, 2])
def test_virt_agrees_with_qemu(cpus: int, virtualization: bool, tmp_path: Path) -> None:
    """Every property of every node equals QEMU's, except phandles, PSCI's version and method."""
    machine = "virt,virtualization=on" if virtualization else "virt"
    arguments = ["-cpu", "cortex-a15", "-smp", str(cpus), "-m", "256"]
    theirs = qemu_tree("qemu-system-arm", machine, arguments, tmp_path)
    banks = (Region(0, 64 << 20), Region(64 << 20, 64 << 20))
    ours = virt_fdt(VirtBoard(256 << 20, PSCI, cpus=range(cpus), virtualization=virtualization, flash=banks))
    references = {"phandle", "clocks", "interrupt-parent"}
    paths = ["/", "/chosen", "/memory@40000000", "/cpus", "/cpus/cpu@0", "/timer", "/apb-pclk"]
    paths += ["/intc@8000000", "/pl011@9000000", "/pl031@9010000", "/flash@0"]
    paths += ["/cpus/cpu@1"] if cpus == 2 else []
    for path in paths:
        assert differing(ours, theirs, path, references) == {}, path
    assert differing(ours, theirs, "/psci", {"compatible", "method"}) == {}
    named = {"", "psci", *(path.rsplit("/", 1)[-1] for path in paths)}
    assert {node.name for node in ours.nodes()} - {f"debug-exit@{VirtMap().debug_exit.base:x}"} == named


def test_virt_references_point_where_they_should() -> None:
    """The interrupt parent is the GIC and every clock is the peripheral clock."""
    tree = virt_fdt(VirtBoard(64 << 20, PSCI))
    assert tree.root.cells("interrupt-parent") == tree.find("/intc@8000000").cells("phandle")
    clock = tree.find("/apb-pclk").cells("phandle")
    assert tree.find("/pl011@9000000").cells("clocks") == clock * 2
    assert tree.find("/pl031@9010000").cells("clocks") == clock


def test_virt_options_appear_in_the_tree() -> None:
    """Boot arguments, an initrd and a timer frequency are there when given, and only then."""
    plain = virt_fdt(VirtBoard(64 << 20, PSCI))
    assert set(plain.find("/chosen").properties) == {"stdout-path"}
    assert "clock-frequency" not in plain.find("/timer").properties
    full = virt_fdt(VirtBoard(64 << 20, PSCI, bootargs="quiet", initrd=Region(0x4200_0000, 0x123), timer_hz=1000))
    chosen = full.find("/chosen")
    assert chosen.strings("bootargs") == ("quiet",)
    assert chosen.properties["linux,initrd-end"] == cells64(0x4200_0123)
    assert full.find("/timer").cells("clock-frequency") == (1000,)


@pytest.mark.oracle
def test_pseries_agrees_with_qemu(tmp_path: Path) -> None:
    """What the tree says of the partition, its processor and its interrupts equals QEMU's POWER7 pseries."""
    off = ",".join(f"cap-{name}=broken" for name in ("cfpc", "sbbc", "ibs")) + ",cap-ccf-assist=off"
    arguments = ["-cpu", "POWER7", "-m", "512", "-vga", "none"]
    theirs = qemu_tree("qemu-system-ppc64", f"pseries,{off}", arguments, tmp_path)
    ours = pseries_fdt(PseriesBoard(512 << 20, POWER7, RTAS, HYPERTAS, hpt_order=22))
    assert differing(ours, theirs, "/", {"model"}) == {}
    for path in ("/cpus", "/cpus/PowerPC,POWER7@0", "/memory@0", "/interrupt-controller", "/vdevice"):
        assert differing(ours, theirs, path, set()) == {}, path
    placed = {"linux,rtas-base", "linux,rtas-entry", "rtas-size", "ibm,hypertas-functions"}
    assert differing(ours, theirs, "/rtas", placed) == {}
    assert set(HYPERTAS) <= set(theirs.find("/rtas").strings("ibm,hypertas-functions"))


def test_pseries_threads_and_cores_are_numbered_through() -> None:
    """A core's node carries the numbers of its threads; the next core goes on from there."""
    tree = pseries_fdt(PseriesBoard(512 << 20, POWER7, RTAS, HYPERTAS, hpt_order=22, cores=2, threads=4))
    second = tree.find("/cpus/PowerPC,POWER7@4")
    assert second.cells("ibm,ppc-interrupt-server#s") == (4, 5, 6, 7)
    assert second.cells("ibm,ppc-interrupt-gserver#s") == (4, 0, 5, 0, 6, 0, 7, 0)
    assert tree.find("/interrupt-controller").cells("ibm,interrupt-server-ranges") == (0, 8)


def test_pseries_real_mode_area_is_a_node_of_its_own() -> None:
    """Linux takes the first memory node for what it can reach in real mode."""
    tree = pseries_fdt(PseriesBoard(1 << 30, POWER7, RTAS, HYPERTAS, hpt_order=24, rma_size=256 << 20))
    assert tree.find("/memory@0").properties["reg"] == cells64(0, 256 << 20)
    assert tree.find("/memory@10000000").properties["reg"] == cells64(256 << 20, 768 << 20)


def test_pseries_reserves_rtas_and_nothing_is_outside_ram() -> None:
    """RTAS's page is in the reservation block; RTAS or an initrd beyond RAM is refused by name."""
    board = PseriesBoard(256 << 20, POWER7, RTAS, HYPERTAS, hpt_order=21, initrd=(0x300_0000, 0x5B1CD))
    tree = unflatten(flatten(pseries_fdt(board)))
    assert tree.reservations == ((0x0E00_0000, 0x1000),)
    assert tree.find("/chosen").properties["linux,initrd-end"] == cells64(0x305_B1CD)
    assert tree.find("/chosen").strings("linux,stdout-path") == ("/vdevice/vty@71000000",)
    assert tree.find("/vdevice/vty@71000000").properties["reg"] == cells(0x7100_0000)
    with pytest.raises(FdtError, match="RTAS at 0xe000000-0xe000013 is outside the 0x8000000 bytes"):
        pseries_fdt(PseriesBoard(128 << 20, POWER7, RTAS, HYPERTAS, hpt_order=21))
    with pytest.raises(FdtError, match="the initrd at"):
        pseries_fdt(PseriesBoard(256 << 20, POWER7, RTAS, HYPERTAS, hpt_order=21, initrd=(0, 1 << 40)))

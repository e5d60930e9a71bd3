"""The tree that a guest gets: what foreign guests look for in it, and how one that the user brings is checked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.power.power_boot import usual_hpt_order
from trapline.server.boards.registry import WrongBoardError
from trapline.server.loading.places import OverlapError
from trapline.server.loading.request import LoadRequest
from trapline.server.machine.dtb import flatten, unflatten
from trapline.server.machine.fdt import DeviceTree, FdtError, cells, cells64
from trapline.tests.oracle.require import oracle
from trapline.tests.server.guests import gpr

from ..patience import HANGS
from .files import arm_elf, machine, power_elf, write


def tree(image: bytes, name: str, folder: Path, options: MachineOptions | None = None) -> DeviceTree:
    """A machine's own tree, read back."""
    blob = machine(LoadRequest(write(folder, "g.elf", image)), name, options).tree
    assert blob is not None
    return unflatten(blob)


def test_pseries_is_found_as_qemu_s(tmp_path: Path) -> None:
    """kvm-unit-tests and Linux look for qemu,pseries and linux,kvm, SLOF for the NVRAM and the memory operation."""
    found = tree(power_elf(), "pseries", tmp_path)
    assert found.root.strings("compatible") == ("qemu,pseries",)
    assert found.find("/hypervisor").strings("compatible") == ("linux,kvm",)
    nvram = found.find("/vdevice/nvram@71000001")
    assert nvram.strings("compatible") == ("qemu,spapr-nvram",)
    assert nvram.cells("#bytes") == (0x10000,)
    rtas = found.find("/rtas")
    assert {"nvram-fetch", "nvram-store", "set-time-of-day", "start-cpu"} <= set(rtas.properties)
    assert "hcall-copy" in rtas.strings("ibm,hypertas-functions")
    assert rtas.strings("qemu,hypertas-functions") == ("hcall-memop1",)


@pytest.mark.parametrize(("vcpus", "threads", "servers"), [(4, 1, [(0,), (1,), (2,), (3,)]), (4, 2, [(0, 1), (2, 3)])])
def test_threads_are_grouped_into_cores(
    vcpus: int, threads: int, servers: list[tuple[int, ...]], tmp_path: Path
) -> None:
    """A core is a node; its threads are its interrupt servers, which are the vcpus' numbers, and their PIRs."""
    options = MachineOptions(vcpus=vcpus, threads=threads)
    one = machine(LoadRequest(write(tmp_path, "g.elf", power_elf())), "pseries", options)
    assert one.tree is not None
    cpus = unflatten(one.tree).find("/cpus").children
    assert [cpu.cells("ibm,ppc-interrupt-server#s") for cpu in cpus] == servers
    assert [vcpu.core.read("PIR") for vcpu in one.vcpus] == list(range(vcpus))


@pytest.mark.parametrize(
    ("options", "name", "message"),
    [
        (MachineOptions(vcpus=3, threads=2), "pseries", "multiple of --threads: 4"),
        (MachineOptions(vcpus=8, threads=8), "pseries", "at most 4"),
        (MachineOptions(hpt_order=50), "pseries", "--hpt-order is 18 to"),
        (MachineOptions(hpt_order=24), "power-bare", "leave --hpt-order out"),
        (MachineOptions(clock_shift=40), "pseries", "--clock-shift is 0 to"),
    ],
)
def test_options_that_a_machine_cannot_have(options: MachineOptions, name: str, message: str, tmp_path: Path) -> None:
    """Each is refused with the option's name and what is possible."""
    with pytest.raises(WrongBoardError, match=message):
        machine(LoadRequest(write(tmp_path, "g.elf", power_elf())), name, options)


@pytest.mark.parametrize(("ram", "order"), [(64, 19), (256, 21), (257, 22), (512, 22), (16, 18), (4096, 25)])
def test_page_table_is_a_128th_of_ram(ram: int, order: int) -> None:
    """As QEMU sizes it: RAM rounded up to a power of two, a 128th of that, at least 256 KB."""
    assert usual_hpt_order(ram << 20) == order


@pytest.mark.oracle
@pytest.mark.parametrize("ram", [256, 512, 768])
def test_page_table_is_as_large_as_qemu_s(ram: int, tmp_path: Path) -> None:
    """ibm,pft-size in the tree that QEMU's pseries machine makes."""
    blob = tmp_path / "qemu.dtb"
    command = [oracle("qemu-system-ppc64"), "-M", f"pseries,dumpdtb={blob}", "-cpu", "power7", "-m", str(ram)]
    subprocess.run([*command, "-nodefaults", "-display", "none"], check=True, capture_output=True, timeout=HANGS)
    cpu = next(one for one in unflatten(blob.read_bytes()).find("/cpus").children if "ibm,pft-size" in one.properties)
    assert cpu.cells("ibm,pft-size")[1] == usual_hpt_order(ram << 20)


def test_page_table_order_is_what_the_tree_says(tmp_path: Path) -> None:
    """The tree and the core's table agree, whatever order is asked for."""
    for order in (None, 20, 24):
        options = MachineOptions(hpt_order=order)
        one = machine(LoadRequest(write(tmp_path, "g.elf", power_elf())), "pseries", options)
        assert one.tree is not None
        cpu = unflatten(one.tree).find("/cpus").children[0]
        assert cpu.cells("ibm,pft-size")[1] == one.vcpus[0].core.read("HPT_ORDER") == (order or 21)


def given(folder: Path, change: str = "") -> Path:
    """The machine's own tree as a file, with one thing changed."""
    own = tree(power_elf(), "pseries", folder)
    cpu, memory = own.find("/cpus").children[0], own.find("/memory@0")
    if change == "order":
        cpu.properties["ibm,pft-size"] = cells(0, 24)
    elif change == "memory":
        memory.properties["reg"] = cells64(0, 1 << 30)
    elif change == "token":
        own.find("/rtas").properties["power-off"] = cells(0x1234)
    elif change == "stub":
        own.find("/rtas").properties["linux,rtas-entry"] = cells(0x4000)
    own.root.add("mine", {"compatible": "something"})
    return write(folder, f"{change or 'good'}.dtb", flatten(own))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("order", r"ibm,pft-size 24, and .* order 21(.|\n)*--hpt-order 24"),
        ("memory", r"0x0-0x3fffffff, and .*0x0-0xfffffff(.|\n)*--memory 1024"),
        ("token", r"power-off is 0x1234, and .* 0x2003(.|\n)*--dump-dtb"),
        ("stub", r"g\.elf's segment(.|\n)*RTAS stub of .*stub\.dtb"),
    ],
)
def test_tree_that_contradicts_the_machine_is_refused(change: str, message: str, tmp_path: Path) -> None:
    """Both sides are named, and the option that makes them agree: a guest would go astray without a word."""
    path = given(tmp_path, change)
    with pytest.raises((FdtError, OverlapError), match=message):
        machine(LoadRequest(write(tmp_path, "g.elf", power_elf()), dtb=path), "pseries")


def test_given_tree_is_taken_with_command_line_and_stub(tmp_path: Path) -> None:
    """The user's nodes stay, /chosen is completed, and the RTAS stub stands where the tree says."""
    request = LoadRequest(write(tmp_path, "g.elf", power_elf()), dtb=given(tmp_path))
    one = machine(request, "pseries", MachineOptions(bootargs="quiet"))
    assert one.tree is not None
    found = unflatten(one.tree)
    assert found.find("/mine").strings("compatible") == ("something",)
    assert found.find("/chosen").strings("bootargs") == ("quiet",)
    (entry,) = found.find("/rtas").cells("linux,rtas-entry")
    assert one.memory.read(entry, 20)[-4:] == bytes.fromhex("4e800020")
    assert one.memory.read(gpr(one, 3), len(one.tree)) == one.tree


def test_given_order_fits_when_it_is_asked_for(tmp_path: Path) -> None:
    """The hint of the refusal works."""
    request = LoadRequest(write(tmp_path, "g.elf", power_elf()), dtb=given(tmp_path, "order"))
    assert machine(request, "pseries", MachineOptions(hpt_order=24)).vcpus[0].core.read("HPT_ORDER") == 24


def test_arm_tree_has_flash_where_it_is(tmp_path: Path) -> None:
    """QEMU's virt: two banks of 64 MB from 0, 32 bits wide; arm-kvm has none."""
    flash = tree(arm_elf(), "arm-virt", tmp_path).find("/flash@0")
    assert flash.strings("compatible") == ("cfi-flash",)
    assert flash.properties["reg"] == cells64(0, 64 << 20, 64 << 20, 64 << 20)
    assert flash.cells("bank-width") == (4,)
    with pytest.raises(FdtError):
        tree(arm_elf(), "arm-kvm", tmp_path).find("/flash@0")

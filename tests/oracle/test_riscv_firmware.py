"""Claims: Debian's OpenSBI and U-Boot run on the described RISC-V board, whose device tree tells them all they need."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.server.machine.dtb import unflatten
from trapline.server.machine.fdt import DeviceTree, Node
from trapline.server.verdict import Outcome

from ..patience import HANGS
from . import require

OPENSBI, UBOOT = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic"), Path("/usr/lib/u-boot")
NEXT, TOLD = 0x8020_0000, 0x8300_0000
BUDGET = 60_000_000


def _machine(request: LoadRequest, vcpus: int = 1, board: str | None = None) -> tuple[Machine, bytearray]:
    machine = build_machine(request, board, MachineOptions(vcpus=vcpus))
    printed = bytearray()
    machine.console.add_sink(printed.extend)
    return machine, printed


def _until(machine: Machine, printed: bytearray, wanted: bytes) -> None:
    for _ in range(BUDGET // 500_000):
        if wanted in printed or machine.verdict is not None:
            break
        machine.run(500_000)
    assert wanted in printed, printed.decode("ascii", "replace")


def _use_uboot(machine: Machine, printed: bytearray) -> None:
    """Stops its counting down, has it compute, and leaves by it."""
    _until(machine, printed, b"Hit any key")
    machine.console.type(b" ")
    _until(machine, printed, b"=> ")
    machine.console.type(b"setexpr sum 0x1234 + 0x4321; echo sum ${sum}\n")
    _until(machine, printed, b"sum 5555")
    machine.console.type(b"poweroff\n")
    machine.run(BUDGET)
    assert machine.verdict is not None
    assert machine.verdict.outcome is Outcome.PASSED, machine.verdict


def test_opensbi_starts_uboot_in_supervisor_mode_on_several_harts() -> None:
    """fw_jump with three harts: the other two wait in the firmware; U-Boot finds memory, serial port and timer."""
    jump = require.foreign_file(str(OPENSBI / "fw_jump.elf"))
    uboot = require.foreign_file(str(UBOOT / "qemu-riscv64_smode" / "u-boot.bin"))
    machine, printed = _machine(LoadRequest(jump, load=(FileAt(uboot, NEXT),)), vcpus=3)
    _use_uboot(machine, printed)
    text = printed.decode("ascii", "replace")
    for line in ("OpenSBI v", "Platform HART Count       : 3", "aclint-mtimer @ 10000000Hz", "DRAM:  128 MiB"):
        assert line in text, text


def test_opensbi_is_told_what_to_start_in_a_register(tmp_path: Path) -> None:
    """fw_dynamic: a2 points to what comes next (OpenSBI, docs/firmware/fw_dynamic.md): address, supervisor mode."""
    dynamic = require.foreign_file(str(OPENSBI / "fw_dynamic.elf"))
    uboot = require.foreign_file(str(UBOOT / "qemu-riscv64_smode" / "u-boot.bin"))
    told = tmp_path / "told"
    told.write_bytes(struct.pack("<6Q", 0x4942534F, 2, NEXT, 1, 0, 0))
    loads = (FileAt(uboot, NEXT), FileAt(told, TOLD))
    machine, printed = _machine(LoadRequest(dynamic, load=loads, registers=(("x12", TOLD),)))
    _until(machine, printed, b"U-Boot 20")
    assert "Domain0 Next Mode         : S-mode" in printed.decode("ascii", "replace")


def test_uboot_runs_in_machine_mode() -> None:
    """Without a firmware below it."""
    uboot = require.foreign_file(str(UBOOT / "qemu-riscv64" / "u-boot.bin"))
    request = LoadRequest(None, load=(FileAt(uboot, 0x8000_0000),), entry="0x80000000")
    machine, printed = _machine(request, board="riscv-virt")
    _use_uboot(machine, printed)


def _soc(tree: DeviceTree) -> dict[str, Node]:
    return {node.name: node for node in tree.find("/soc").children}


def _wanted(tree: DeviceTree, node: Node) -> list[tuple[str, int]]:
    """Where a controller's outputs go: the processor's node, and the number there."""
    owners = {
        intc.cells("phandle")[0]: cpu.name for cpu in tree.find("/cpus").children
        for intc in cpu.children if intc.name == "interrupt-controller"
    }  # fmt: skip
    cells = node.cells("interrupts-extended")
    return [(owners[phandle], number) for phandle, number in zip(cells[::2], cells[1::2], strict=True)]


def test_the_boards_tree_says_of_its_devices_what_qemus_says(tmp_path: Path) -> None:
    """Two harts, 256 MB: places, inputs of the interrupt controller, whose interrupts are whose; what the user adds."""
    program, blob = tmp_path / "nothing.bin", tmp_path / "virt.dtb"
    program.write_bytes(bytes(16))
    command = [require.oracle("qemu-system-riscv64"), "-M", f"virt,dumpdtb={blob}", "-smp", "2", "-m", "256"]
    subprocess.run([*command, "-display", "none"], check=True, timeout=HANGS, capture_output=True)
    theirs = unflatten(blob.read_bytes())
    request = LoadRequest(None, load=(FileAt(program, 0x8000_0000),), entry="0x80000000")
    options = MachineOptions(vcpus=2, ram_size=256 << 20, engine="reference", bootargs="quiet")
    machine = build_machine(request, "riscv-virt", options)
    assert machine.tree is not None
    ours = unflatten(machine.tree)
    assert ours.find("/chosen").strings("bootargs") == ("quiet",)
    assert ours.find("/memory@80000000").cells("reg") == theirs.find("/memory@80000000").cells("reg")
    own, other = _soc(ours), _soc(theirs)
    assert len(own) == 4
    for name, node in own.items():
        for key in ("reg", "interrupts", "riscv,ndev", "clock-frequency"):
            if key in node.properties:
                assert (name, key, node.cells(key)) == (name, key, other[name].cells(key))
        if "interrupts-extended" in node.properties:
            assert _wanted(ours, node) == _wanted(theirs, other[name])

"""Where files go, and what is refused: overlaps, places outside RAM, entry points and registers that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.isa.errors import TraplineError
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.register_values import RegisterValueError
from trapline.server.loading.places import OutsideRamError, OverlapError
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.server.machine.dtb import unflatten
from trapline.tests.server.guests import gpr, reg

from .files import ARM_LOOP, ARM_RAM, POWER_LOOP, arm_elf, kernel, machine, power_elf, uimage, write, zimage

LINUX = ARM_LOOP + b"Linux version 6.1.0"


def tree_of(one: Machine, address: int) -> bytes:
    """The blob that lies at a guest's physical address."""
    size = int.from_bytes(one.memory.read(address + 4, 4), "big")
    return one.memory.read(address, size)


@pytest.mark.parametrize(
    ("image", "entry"),
    [
        (zimage(), ARM_RAM + 0x1_0000),
        (LINUX, ARM_RAM + 0x8000),
        (ARM_LOOP, ARM_RAM + 0x1_0000),
        (uimage(ARM_LOOP, load=ARM_RAM + 0x20_0000, entry=ARM_RAM + 0x20_0004), ARM_RAM + 0x20_0004),
        (arm_elf(ARM_RAM + 0x30_0000), ARM_RAM + 0x30_0000),
    ],
)
@pytest.mark.parametrize("board", ["arm-virt", "arm-kvm"])
def test_arm_kernels_begin_where_the_boot_protocol_says(image: bytes, entry: int, board: str, tmp_path: Path) -> None:
    """r0 = 0, r1 = no machine type, r2 = the tree: above the kernel, in the second half of RAM."""
    one = machine(kernel(write(tmp_path, "kernel", image)), board)
    assert one.vcpus[0].core.pc == entry
    assert (reg(one, 0), reg(one, 1)) == (0, 0xFFFF_FFFF)
    assert reg(one, 2) >= ARM_RAM + (64 << 20)
    assert tree_of(one, reg(one, 2)) == one.tree


def test_power_kernel_begins_at_zero_with_its_tree_in_r3(tmp_path: Path) -> None:
    """A raw kernel lies at 0; the tree lies above it and below 256 MB, which real mode reaches; r5 is zero."""
    one = machine(kernel(write(tmp_path, "kernel", POWER_LOOP * 4)), "pseries", MachineOptions(ram_size=1 << 30))
    assert one.vcpus[0].core.pc == 0
    assert 0x1000 < gpr(one, 3) < 256 << 20
    assert gpr(one, 5) == 0
    assert tree_of(one, gpr(one, 3)) == one.tree


def test_kernel_can_be_put_elsewhere(tmp_path: Path) -> None:
    """--kernel FILE@ADDR moves an image, and its entry point with it; an ELF file has places of its own."""
    moved = ARM_RAM + 0x100_0000
    image = write(tmp_path, "kernel", uimage(ARM_LOOP * 3, load=ARM_RAM, entry=ARM_RAM + 8))
    assert machine(kernel(image, moved), "arm-virt").vcpus[0].core.pc == moved + 8
    with pytest.raises(TraplineError, match="its headers say"):
        machine(kernel(write(tmp_path, "k.elf", arm_elf()), moved), "arm-virt")


@pytest.mark.parametrize(("name", "image", "register"), [("arm-virt", arm_elf(), 2), ("pseries", power_elf(), 3)])
def test_initrd_and_command_line_are_in_chosen(name: str, image: bytes, register: int, tmp_path: Path) -> None:
    """/chosen tells a kernel its command line, and where the RAM disk is: above the program, its bytes there."""
    disk = write(tmp_path, "disk", b"070701" * 100)
    request = LoadRequest(write(tmp_path, "g.elf", image), initrd=FileAt(disk))
    one = machine(request, name, MachineOptions(bootargs="console=hvc0"))
    assert one.tree is not None
    chosen = unflatten(one.tree).find("/chosen")
    start, end = (int.from_bytes(chosen.properties[f"linux,initrd-{side}"], "big") for side in ("start", "end"))
    assert one.memory.read(start, end - start) == b"070701" * 100
    assert chosen.strings("bootargs") == ("console=hvc0",)
    assert start >= one.ram_slot.base + (32 << 20)
    value = reg(one, 2) if register == 2 else gpr(one, 3)
    assert not start <= value < end


def test_loads_are_placed_as_they_are(tmp_path: Path) -> None:
    """Raw bytes at their address, an ELF file by its headers, beside the program that is entered."""
    raw, other = write(tmp_path, "raw", b"payload"), write(tmp_path, "other.elf", power_elf(0x20_0000))
    request = LoadRequest(write(tmp_path, "g.elf", power_elf()), load=(FileAt(raw, 0x10_0003), FileAt(other)))
    one = machine(request, "pseries")
    assert one.memory.read(0x10_0003, 7) == b"payload"
    assert one.memory.read(0x20_0000, 8) == one.memory.read(0x4000, 8)
    assert one.vcpus[0].core.pc == 0x4000


def test_loads_alone_begin_where_entry_says(tmp_path: Path) -> None:
    """--load FILE@ADDR --entry ADDR runs a flat image; without --entry nothing says where to begin."""
    raw = write(tmp_path, "raw", ARM_LOOP * 8)
    request = LoadRequest(load=(FileAt(raw, ARM_RAM + 0x8000),), entry="0x40008010")
    assert machine(request, "arm-virt").vcpus[0].core.pc == 0x4000_8010
    with pytest.raises(TraplineError, match="--entry"):
        machine(LoadRequest(load=(FileAt(raw, ARM_RAM),)), "arm-virt")


def test_entry_may_be_a_symbol(tmp_path: Path) -> None:
    """A symbol of an ELF file; one that is not there is named, and an address with no instruction is refused."""
    elf = write(tmp_path, "g.elf", power_elf())
    assert machine(LoadRequest(elf, entry="again"), "pseries").vcpus[0].core.pc == 0x4004
    with pytest.raises(TraplineError, match=r"'agian' is no symbol of .*g\.elf"):
        machine(LoadRequest(elf, entry="agian"), "pseries")
    with pytest.raises(TraplineError, match="multiple of 4"):
        machine(LoadRequest(elf, entry="0x4002"), "pseries")


def test_thumb_entry_begins_in_thumb_state(tmp_path: Path) -> None:
    """Bit 0 of an Arm entry point is the instruction set."""
    core = machine(LoadRequest(write(tmp_path, "g.elf", arm_elf()), entry="0x40010001"), "arm-virt").vcpus[0].core
    assert core.pc == 0x4001_0000
    assert core.field("CPSR", "T") == 1


def test_overlap_names_both_files(tmp_path: Path) -> None:
    """Two files that want the same bytes: one error with both, their ranges, and the options that move them."""
    elf, raw = write(tmp_path, "g.elf", power_elf()), write(tmp_path, "raw", bytes(0x100))
    with pytest.raises(OverlapError, match=r"g\.elf's segment \(0x4000-.*raw \(0x3f80-0x407f\)(.|\n)*--load"):
        machine(LoadRequest(elf, load=(FileAt(raw, 0x3F80),)), "pseries")


def test_outside_ram_names_the_file_and_the_ram(tmp_path: Path) -> None:
    """A file where no RAM is: both ranges, and --memory."""
    elf, raw = write(tmp_path, "g.elf", arm_elf()), write(tmp_path, "raw", bytes(0x100))
    with pytest.raises(OutsideRamError, match=r"raw \(0x0-0xff\)(.|\n)*0x40000000-0x47ffffff(.|\n)*--memory"):
        machine(LoadRequest(elf, load=(FileAt(raw, 0),)), "arm-virt")
    with pytest.raises(OutsideRamError, match=r"0x47ffffc0-0x480000bf"):
        machine(LoadRequest(elf, load=(FileAt(raw, 0x47FF_FFC0),)), "arm-virt")


def test_a_full_memory_leaves_no_room_for_the_tree(tmp_path: Path) -> None:
    """What the machine adds needs room, too; the message says which range has none."""
    raw = write(tmp_path, "raw", bytes((1 << 20) - 0x100))
    request = LoadRequest(load=(FileAt(raw, ARM_RAM),), entry="0x40000000")
    with pytest.raises(TraplineError, match=r"the device tree(.|\n)*--memory"):
        machine(request, "arm-virt", MachineOptions(ram_size=1 << 20))


def test_registers_get_their_values(tmp_path: Path) -> None:
    """By the description's names and by gdb's; what is not there, or does not fit, is named with what is near."""
    elf = write(tmp_path, "g.elf", power_elf())
    values = (("GPR[4]", 7), ("r6", 0x1234), ("ctr", 1 << 40), ("pc", 0x4004))
    one = machine(LoadRequest(elf, registers=values), "pseries")
    assert (gpr(one, 4), gpr(one, 6), one.vcpus[0].core.read("CTR")) == (7, 0x1234, 1 << 40)
    assert one.vcpus[0].core.pc == 0x4004
    for wrong, message in ((("GRP4", 1), "gpr4"), (("CR", 1 << 40), "does not fit"), (("GPR[32]", 0), "no register")):
        with pytest.raises(RegisterValueError, match=message):
            machine(LoadRequest(elf, registers=(wrong,)), "pseries")


def test_power_bare_refuses_what_a_device_tree_would_tell(tmp_path: Path) -> None:
    """--append, --initrd and --dtb would go nowhere: that is said, not ignored."""
    request = LoadRequest(write(tmp_path, "g.elf", power_elf()))
    with pytest.raises(TraplineError, match="no device tree"):
        machine(request, "power-bare", MachineOptions(bootargs="x"))

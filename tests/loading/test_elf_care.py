"""ELF files that a machine cannot run as they are: one clear error each. And what compilers really make."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trapline.server.boards.booting import NotLinkedError, UnalignedEntryError, WrongByteOrderError
from trapline.server.boards.machine import MachineOptions
from trapline.server.loading.images import read_image
from trapline.server.loading.request import LoadRequest
from trapline.tests.machine.elf_images import MACHINES, Image
from trapline.tests.oracle.require import oracle
from trapline.tests.server.guests import gpr

from ..patience import HANGS
from .files import machine, write

ARM = [(0x4001_0000, 0x4001_0000, b"code", 0x10)]


def test_byte_order_that_the_core_has_not(tmp_path: Path) -> None:
    """Big-endian Arm; little-endian on a 970, while a POWER7 begins in little-endian mode."""
    arm = Image(32, "big", MACHINES["ARM"], entry=0x4001_0000, segments=ARM).build()
    with pytest.raises(WrongByteOrderError, match=r"big-endian, and .* little-endian"):
        machine(LoadRequest(write(tmp_path, "be.elf", arm)), "arm-virt")
    power = LoadRequest(write(tmp_path, "le.elf", Image(64, "little").build()))
    with pytest.raises(WrongByteOrderError, match="little-endian, and"):
        machine(power, "pseries", MachineOptions(core="ppc970"))
    assert machine(power, "pseries").vcpus[0].core.field("MSR", "LE") == 1


def test_position_independent_at_zero(tmp_path: Path) -> None:
    """ET_DYN linked at 0 would have to be relocated: the hint has the linker's option."""
    dynamic = Image(32, "little", MACHINES["ARM"], 3, 0, [(0, 0, b"code", 0x10)]).build()
    with pytest.raises(NotLinkedError, match="-no-pie"):
        machine(LoadRequest(write(tmp_path, "pie.elf", dynamic)), "arm-virt")


@pytest.mark.parametrize("entry", [0x1001, 0x1002, 0x1003])
def test_unaligned_entry_on_power(entry: int, tmp_path: Path) -> None:
    """No instruction is there; the hint has --entry."""
    with pytest.raises(UnalignedEntryError, match="--entry"):
        machine(LoadRequest(write(tmp_path, "g.elf", Image(entry=entry).build())), "pseries")


def test_entry_descriptor_of_elfv1_is_followed(tmp_path: Path) -> None:
    """gcc's big-endian programs have a function descriptor at their entry point: code address, then r2."""
    source = tmp_path / "main.c"
    source.write_text("volatile int x = 1;\nvoid _start(void) { for (;;) x++; }\n")
    target = tmp_path / "main.elf"
    command = [oracle("powerpc64-linux-gnu-gcc"), "-nostdlib", "-static", "-O1", "-Wl,-Ttext-segment=0x10000"]
    subprocess.run([*command, "-o", str(target), str(source)], check=True, capture_output=True, timeout=HANGS)
    one = machine(LoadRequest(target), "pseries")
    elf = read_image(target).elf
    assert elf is not None
    assert one.vcpus[0].core.pc == elf.word_at(elf.entry, 8) != elf.physical_entry
    assert gpr(one, 2) == elf.word_at(elf.entry + 8, 8) != 0
    before = one.memory.read_int(elf.symbols["x"], 4, "big")
    one.run(1000)
    assert one.memory.read_int(elf.symbols["x"], 4, "big") > before

"""Claims about build attributes: tools of the architecture read them, and gdb knows the instructions then."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.asmgen.instructions.build_attributes import read_annotation
from trapline.asmgen.objects.build_attributes import build_attributes
from trapline.isa.errors import TraplineError

from ..oracle import require
from .described import build

PROGRAM = "_start: hvc #1\n eret\n mrs r0, ELR_hyp\n nop\n"
NOTES: dict[str, int | str] = {"section": ".attributes", "section_type": 0x70000003, "vendor": "maker"}


def test_contents_are_those_of_the_container_format() -> None:
    """Version, length, vendor, the file's tag and length, then tags in order; lengths in the file's byte order."""
    attributes = read_annotation({"build_attributes": {**NOTES, "tag_200": 1, "tag_5": "x"}})
    assert attributes is not None
    tail = b"\x05x\0" + b"\xc8\x01\x01"
    assert build_attributes(attributes, True) == b"A\0\0\0\x15maker\0" + b"\x01\0\0\0\x0b" + tail
    assert build_attributes(attributes, False) == b"A\x15\0\0\0maker\0" + b"\x01\x0b\0\0\0" + tail


@pytest.mark.parametrize(("notes", "reason"), [({"vendor": "maker"}, "lacks section"),
                                               ({**NOTES, "tag_x": 1}, "cannot have tag_x")])  # fmt: skip
def test_an_incomplete_annotation_is_refused(notes: dict[str, int | str], reason: str) -> None:
    """The error says what is wrong and what an annotation looks like."""
    with pytest.raises(TraplineError, match=reason):
        read_annotation({"build_attributes": notes})


def test_only_architectures_that_ask_for_it_have_the_section() -> None:
    """Arm files have it, of the type that the ABI gives it; Power files have none."""
    arm = ELFFile(io.BytesIO(build("armv7ve", PROGRAM).elf))
    power = ELFFile(io.BytesIO(build("power7", "_start: nop").elf))
    section = arm.get_section_by_name(".ARM.attributes")
    assert section is not None
    assert section["sh_type"] == "SHT_ARM_ATTRIBUTES"
    assert not any("attributes" in s.name for s in power.iter_sections())


def run(tool: str, *arguments: str) -> str:
    """What a tool prints."""
    command = [require.oracle(tool), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_readelf_names_the_core(tmp_path: Path) -> None:
    """binutils decodes every tag."""
    file = tmp_path / "arm.elf"
    file.write_bytes(build("armv7ve", PROGRAM).elf)
    shown = run("arm-linux-gnueabihf-readelf", "-A", str(file))
    for line in ('Tag_CPU_name: "7VE"', "Tag_CPU_arch: v7", "Tag_CPU_arch_profile: Application",
                 "Tag_THUMB_ISA_use: Thumb-2", "Tag_Virtualization_use: TrustZone and Virtualization Extensions"):
        assert line in shown


def test_gdb_disassembles_the_virtualization_extensions(tmp_path: Path) -> None:
    """Without attributes gdb shows a compare for hvc and a move of CPSR for the banked register."""
    file = tmp_path / "arm.elf"
    file.write_bytes(build("armv7ve", PROGRAM).elf)
    shown = run("gdb-multiarch", "-nx", "-batch", "-ex", "x/4i _start", str(file))
    instructions = [line.split(":", 1)[1].split() for line in shown.splitlines() if "<_start" in line]
    assert instructions == [["hvc", "1"], ["eret"], ["mrs", "r0,", "ELR_hyp"], ["nop", "{0}"]]

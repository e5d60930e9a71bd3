"""Claims: what a Cortex-A15 has in coprocessors 14 and 15 is described, or missing with a reason (DDI 0438, QEMU)."""

from __future__ import annotations

import fnmatch
import subprocess
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.coverage.coprocessor_lists import BLANKET, MANUAL, QEMU
from trapline.isa.coverage.coprocessor_registers import coprocessor_registers, markdown
from trapline.isa.lang.load import load_core

from .require import oracle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "arm-registers.md"


def test_no_number_lacks_without_a_reason() -> None:
    """Each number of the manual and of QEMU has a register, or stands in a class that says why it has none."""
    rows = coprocessor_registers(load_core("armv7ve"))
    assert [row.number for row in rows if row.is_unexplained] == []
    assert sum(bool(row.name) for row in rows) >= 270


def test_floating_point_identifies_itself_as_a_cortex_a15_s() -> None:
    """FPSID, MVFR0 and MVFR1 of the Technical Reference Manual (DDI 0438), 13.3; QEMU's Cortex-A15 has the same."""
    registers = load_core("armv7ve").registers
    found = [registers[name].reset for name in ("FPSID", "MVFR0", "MVFR1")]
    assert found == [0x4104_30F0, 0x1011_0222, 0x1111_1111]


def test_rights_are_the_manual_s() -> None:
    """What Non-secure software can read or write at a number is what the manual says."""
    rows = coprocessor_registers(load_core("armv7ve"))
    assert [(row.number, row.name, row.rights) for row in rows if row.has_other_rights] == []


def test_the_page_is_what_the_command_prints() -> None:
    """`trapline isa coverage --coprocessors --markdown` makes it anew."""
    assert PAGE.read_text() == markdown(coprocessor_registers(load_core("armv7ve")))


def _number(letter: str, word: int) -> str:
    coprocessor, crm = word >> 8 & 15, word & 15
    if letter == "P":
        return f"p{coprocessor}.{word >> 4 & 15}.c{crm}"
    return f"p{coprocessor}.{word >> 21 & 7}.c{word >> 16 & 15}.c{crm}.{word >> 5 & 7}"


@pytest.mark.oracle
def test_the_list_is_qemu_s(tmp_path: Path) -> None:
    """A guest tries every number on QEMU's Cortex-A15: what is defined there is the list, and what it has wholesale."""
    source = Source.read(Path(__file__).with_name("registers_arm.s"))
    elf = tmp_path / "registers.elf"
    elf.write_bytes(assemble([source], target_for(load_core("armv7ve")), Layout(base=0x4001_0000)).elf)
    machine = ["-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128", "-kernel", str(elf)]
    command = [oracle("qemu-system-arm"), "-nodefaults", "-display", "none", "-serial", "stdio", *machine]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    found = {_number(line[0], int(line.split()[1], 16)) for line in done.stdout.splitlines()}
    wholesale = {number for number in found if any(fnmatch.fnmatch(number, pattern) for pattern in BLANKET)}
    assert QEMU - found == set()
    assert found - QEMU - wholesale == set()
    assert wholesale & MANUAL.keys() <= QEMU

"""Claims about `--isa`: a user's own file changes assembler, disassembler and machine alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..patience import HANGS

TRIPLE = """instruction triple "Three Times" : X_RS_RA(OPCD = 31, XO = 1000) {
    syntax  triple RA, RS
    GPR[RA] = GPR[RS] + GPR[RS] + GPR[RS]
}
"""
GUEST = """
        .global main, guest_name
main:   li      r4, 14
        triple  r5, r4
        xori    r3, r5, 42
        blr
guest_name: .asciz "tripled"
"""


def _trapline(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trapline", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=HANGS, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a change of the description, a guest that needs it, and what the guest is linked with."""
    (tmp_path / "triple.isa").write_text(TRIPLE)
    (tmp_path / "guest.s").write_text(GUEST)
    library = Path(__file__).resolve().parents[2] / "firmware" / "lib" / "pseries.s"
    (tmp_path / "pseries.s").write_text(library.read_text())
    return tmp_path


def test_one_block_is_known_to_assembler_disassembler_and_machine(folder: Path) -> None:
    """The new instruction is assembled, disassembled, and executed with its meaning."""
    isa = ("--isa", "triple.isa")
    sources = ("pseries.s", "guest.s")
    made = _trapline(folder, "asm", "--arch", "power7", *isa, "--base", "0x100000", "-o", "guest.elf", *sources)
    assert (made.returncode, "error" in made.stderr) == (0, False), made.stderr
    assert "triple r5, r4" in _trapline(folder, "disasm", "--arch", "power7", *isa, "guest.elf").stdout
    ran = _trapline(folder, "run", *isa, "guest.elf")
    assert (ran.returncode, ran.stdout) == (0, "PASS tripled\n")
    without = _trapline(folder, "asm", "--arch", "power7", "-o", "other.elf", *sources)
    assert without.returncode == 2
    assert "there is no instruction 'triple'" in without.stderr


@pytest.mark.parametrize("command", ["asm", "run", "serve"])
def test_a_mistake_in_the_change_is_told_with_its_place(folder: Path, command: str) -> None:
    """The same message as of `isa check`, and status 2."""
    (folder / "bad.isa").write_text(TRIPLE.replace("+ GPR[RS]\n", "+ RT\n"))
    guests = {"asm": ("--arch", "power7", "guest.s")}
    if command != "asm":
        made = _trapline(folder, "guests", "-o", ".", "power_hcalls")
        assert made.returncode == 0
    done = _trapline(folder, command, "--isa", "bad.isa", *guests.get(command, ("power_hcalls.elf",)))
    assert done.returncode == 2
    assert "bad.isa:3:35: error: operand 'RT'" in done.stderr
    assert "Traceback" not in done.stderr

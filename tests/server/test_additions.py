"""Claims about the guide's additions to a core that is there: a few lines, and every command knows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXTRA = Path(__file__).resolve().parents[2] / "docs" / "examples" / "extra"
CHANGE, GUEST = EXTRA / "extra.isa", EXTRA / "guest.s"
FOUND = 39
"""What the guest leaves with: what the device has counted of the register, the instruction's result and the calls'."""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trapline", *words], capture_output=True, text=True, timeout=300, check=False
    )


def test_four_additions_have_less_than_forty_lines() -> None:
    """An instruction, a register, a call and a device."""
    text = CHANGE.read_text()
    assert len(text.splitlines()) < 40
    assert all(f"\n{kind} " in text for kind in ("instruction", "register", "hypercall", "device"))


@pytest.mark.parametrize("engine", ["reference", pytest.param("native", marks=pytest.mark.soak)])
def test_the_guest_finds_them_all(engine: str, tmp_path: Path) -> None:
    """Assembled with the names of the description, and run."""
    elf = tmp_path / "guest.elf"
    made = _run("asm", "--arch", "rv64", "--isa", str(CHANGE), "--base", "0x80000000", "-o", str(elf), str(GUEST))
    assert made.returncode == 0, made.stderr
    ran = _run("run", "--isa", str(CHANGE), "--engine", engine, str(elf))
    assert f"with status {FOUND}" in ran.stderr, ran.stderr


def test_the_other_commands_know_them(tmp_path: Path) -> None:
    """Disassembly, what a change means, what a name is."""
    elf = tmp_path / "guest.elf"
    _run("asm", "--arch", "rv64", "--isa", str(CHANGE), "--base", "0x80000000", "-o", str(elf), str(GUEST))
    listed = _run("disasm", "--arch", "rv64", "--isa", str(CHANGE), str(elf)).stdout
    assert "cpop s1, t0" in listed
    assert "limit" in listed
    told = _run("isa", "diff", "--arch", "rv64", str(CHANGE)).stdout
    for name in ("cpop", "LIMIT", "OWN_DOUBLE", "counter"):
        assert name in told
    assert "Count ones" in _run("isa", "explain", "cpop", "--arch", "rv64", "--isa", str(CHANGE)).stdout

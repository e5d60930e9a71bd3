"""Claims: a foreign suite runs on described machines: Trapline's, and those of a description of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.firmware.suites.foreign.tests import foreign_suite
from trapline.firmware.suites.running.results import Status
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core

from .test_foreign import run

TOY = Path(__file__).resolve().parents[2] / "docs" / "examples" / "toy8"
FINISH = """_start: li t0, 0x100000
        li t1, {number:#x}
        sw t1, 0(t0)
        j .
"""
RISCV = """
[suite]
name = "riscv"
[machine]
name = "riscv-virt"
vcpus = 2
[[test]]
files = "*.elf"
verdict = "exit-code"
"""
OWN = """
[suite]
name = "toy"
[machine]
description = "toy8.isa"
[[test]]
file = "hello.elf"
verdict = {{ kind = "pattern", passed = "{text}", failed = "FAIL" }}
"""


def test_tests_for_riscv_are_judged_by_what_they_leave_with(tmp_path: Path) -> None:
    """As riscv-tests do: the test device is told how it went."""
    target = target_for(load_core("rv64"))
    for name, number in (("good", 0x5555), ("bad", 7 << 16 | 0x3333)):
        source = Source(f"{name}.s", FINISH.format(number=number))
        (tmp_path / f"{name}.elf").write_bytes(assemble([source], target, Layout(base=0x8000_0000)).elf)
    (tmp_path / "suite.toml").write_text(RISCV)
    results = run(foreign_suite(tmp_path / "suite.toml"), tmp_path)
    assert {name: one.status for name, one in results.items()} == {"good": Status.PASS, "bad": Status.FAIL}


def test_a_suite_names_a_description_of_its_own(tmp_path: Path) -> None:
    """From the TOML file's folder; a file that is not there is told of."""
    (tmp_path / "toy8.isa").write_text((TOY / "toy8.isa").read_text())
    target = target_for(load_core("", None, (), tmp_path / "toy8.isa"))
    source = Source("hello.s", (TOY / "hello.s").read_text())
    (tmp_path / "hello.elf").write_bytes(assemble([source], target, Layout(base=0x40)).elf)
    for text, wanted in (("eight bits", Status.PASS), ("sixteen bits", Status.FAIL)):
        (tmp_path / "suite.toml").write_text(OWN.format(text=text))
        results = run(foreign_suite(tmp_path / "suite.toml"), tmp_path)
        assert {name: one.status for name, one in results.items()} == {"hello": wanted}
    (tmp_path / "toy8.isa").unlink()
    with pytest.raises(TraplineError, match=r"description: .* is no file"):
        foreign_suite(tmp_path / "suite.toml")

"""Claims about a core from outside the package: from its one file to gdb, as the guide shows it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import UnknownMachineError, build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.target import MachineTarget

from ..rsp.serving import serving
from .conftest import RunGdb

TOY = Path(__file__).resolve().parents[2] / "docs" / "examples" / "toy8"
DESCRIPTION, HELLO = TOY / "toy8.isa", TOY / "hello.s"


def _options(description: Path = DESCRIPTION) -> MachineOptions:
    return MachineOptions(description=description, engine="reference")


@pytest.fixture(scope="module")
def hello() -> LoadedElf:
    """The example's program."""
    target = target_for(load_core("", entry=DESCRIPTION))
    image = assemble([Source(str(HELLO), HELLO.read_text())], target, Layout(base=0x40))
    return parse_elf(image.elf, "hello.elf")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "trapline", *words], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def test_description_and_program_have_less_than_120_lines() -> None:
    """All that is written to have a core, its board and a program in gdb."""
    assert sum(len(path.read_text().splitlines()) for path in (DESCRIPTION, HELLO)) < 120


def test_the_commands_of_the_guide_work(tmp_path: Path) -> None:
    """Check, assemble, disassemble and run, by the description alone; the guest's exit status is the command's."""
    output = str(tmp_path / "hello.elf")
    chosen = ("--description", str(DESCRIPTION))
    assert _run("isa", "check", str(DESCRIPTION)).stdout == "no problems in 1 file\n"
    _run("asm", *chosen, "--base", "0x40", "-o", output, str(HELLO))
    listed = _run("disasm", *chosen, "--core", "toy8", output).stdout
    assert "44:  0810  ld r4, [p0]" in listed
    assert "jz 0x4e" in listed
    assert _run("run", *chosen, "--engine", "reference", output).stdout == "Hello from eight bits.\n"


@pytest.mark.gdb
def test_gdb_attaches_to_a_core_that_it_does_not_know(run_gdb: RunGdb, hello: LoadedElf) -> None:
    """By target.xml alone: registers of 8 and 16 bits, source lines, steps, breakpoints, the mode's name."""
    with serving(MachineTarget(lambda: build_machine(hello, None, _options()))) as server:
        output = run_gdb(
            server, "info threads", "stepi", "stepi", "print $r3", "print sizeof($r3)", "print sizeof($pc)",
            "break done", "continue", "print $pc", "print/x $cpsr", "print $typed", "x/s &text",
        )  # fmt: skip
        listed = run_gdb(server, "monitor disassemble")
    assert output.errors == []
    assert "(running, interrupts off)" in output.text
    for told in ("$1 = 240", "$2 = 1", "$3 = 2", "Breakpoint 1, done () at", "= 78", "= 0x1", '"Hello from eight bits'):
        assert told in output.text, told
    assert any("ldi r3, 255" in line for line in listed.errors)


def test_what_is_typed_interrupts_the_guest(tmp_path: Path) -> None:
    """A character raises the described interrupt by the wires of the board, and the guest echoes it."""
    source = """
        .globl _start
        .space 0x20
handler: ldi r3, 0xf0
        ldi r2, 0
        ld r5, [p1]
        st r5, [p1]
        ei
        jmp _start
_start: ei
wait:   jmp wait
"""
    target = target_for(load_core("", entry=DESCRIPTION))
    elf = parse_elf(assemble([Source("echo.s", source)], target, Layout(base=0)).elf, "echo.elf")
    machine = build_machine(elf, None, _options())
    printed = bytearray()
    machine.console.add_sink(printed.extend)
    machine.run(100)
    machine.console.type(b"ab")
    machine.run(200)
    assert bytes(printed) == b"ab"


def test_a_board_that_is_not_there_is_told(hello: LoadedElf) -> None:
    """With the names of those that are."""
    with pytest.raises(UnknownMachineError) as told:
        build_machine(hello, "toy9", _options())
    assert told.value.hint == "its boards: toy8-board"


@pytest.mark.gdb
def test_gdb_knows_the_registers_of_risc_v(run_gdb: RunGdb, tmp_path: Path) -> None:
    """x0 stays zero whatever is written to it; CSRs have their fields, the thread its mode; gdb's own disassembler
    agrees."""
    source = """
        .globl _start
_start: lui t0, 0x10000
        addi t1, zero, 32
last:   lbu t2, 0(t1)
"""
    path = tmp_path / "a.s"
    path.write_text(source)
    image = assemble([Source(str(path), source)], target_for(load_core("rv64")), Layout(base=0x80000000))
    elf = parse_elf(image.elf, "a.elf")
    options = MachineOptions(engine="reference")
    with serving(MachineTarget(lambda: build_machine(elf, None, options))) as server:
        output = run_gdb(
            server, "info threads", "break last", "continue", "print/x $t0", "print/x $x6", "set $zero = 5",
            "print $zero", "set $a0 = 7", "print $a0", "print $mstatus.fields.MPP", "print $satp.value", "x/i $pc",
        )  # fmt: skip
    assert output.errors == []
    assert "(running, machine mode)" in output.text
    for told in ("$1 = 0x10000000", "$2 = 0x20", "$3 = 0", "$4 = 7", "$5 = 0", "$6 = 0", "lbu\tt2,0(t1)"):
        assert told in output.text, told

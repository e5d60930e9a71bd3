"""Claims: what GCC makes of C for RV64IMAC runs here as on qemu-riscv64, assembled by GNU as or by us."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import LoadRequest
from trapline.server.verdict import Outcome

from ..patience import HANGS
from . import require

pytestmark = pytest.mark.oracle
PROGRAM = Path(__file__).resolve().parents[1] / "guests" / "riscv_program.c"
GCC, QEMU = "riscv64-linux-gnu-gcc", "qemu-riscv64"
FLAGS = ("-march=rv64imac_zicsr", "-mabi=lp64", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-fno-builtin")
BOARD = """
        .section .text.first, "ax"
        .globl _start, put
_start: la      sp, top
        call    main
        li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
        j       .
put:    li      t0, 0x10000000
        sb      a0, 0(t0)
        ret
        .bss
        .balign 16
        .skip   0x4000
top:
"""
LINUX = """
        .globl _start, put
_start: andi    sp, sp, -16
        call    main
        li      a7, 93
        ecall
put:    addi    sp, sp, -16
        sb      a0, 0(sp)
        li      a0, 1
        mv      a1, sp
        li      a2, 1
        li      a7, 64
        ecall
        addi    sp, sp, 16
        ret
"""


def _gcc(*words: str) -> None:
    subprocess.run([require.oracle(GCC), *FLAGS, *words], check=True, timeout=HANGS)


def _wanted(optimized: str, tmp_path: Path) -> bytes:
    start, program = tmp_path / "linux.s", tmp_path / "linux"
    start.write_text(LINUX)
    _gcc(optimized, "-nostdlib", "-static", "-Wl,--no-relax", "-o", str(program), str(start), str(PROGRAM))
    done = subprocess.run([require.oracle(QEMU), str(program)], capture_output=True, check=True, timeout=HANGS)
    return done.stdout


def _printed(elf: Path, engine: str) -> bytes:
    machine = build_machine(LoadRequest(elf), None, MachineOptions(engine=engine))
    printed = bytearray()
    machine.console.add_sink(printed.extend)
    machine.run(20_000_000)
    assert machine.verdict is not None
    assert machine.verdict.outcome is Outcome.PASSED, machine.verdict
    return bytes(printed)


@pytest.mark.parametrize(("optimized", "model"), [("-O2", "medany"), ("-Os", "medany"), ("-O0", "medany")])
def test_what_gcc_compiles_runs_as_on_qemu(optimized: str, model: str, tmp_path: Path) -> None:
    """Assembled here from GCC's output, and linked by GNU: both print what the same program prints under Linux."""
    wanted = _wanted(optimized, tmp_path)
    assert wanted.endswith(b"done\n")
    text, start = tmp_path / "program.s", tmp_path / "board.s"
    start.write_text(BOARD)
    _gcc(optimized, f"-mcmodel={model}", "-S", "-o", str(text), str(PROGRAM))
    sources = [Source("board.s", BOARD), Source("program.s", text.read_text())]
    ours = tmp_path / "ours.elf"
    ours.write_bytes(assemble(sources, target_for(load_core("rv64")), Layout(base=0x8000_0000)).elf)
    theirs = tmp_path / "theirs.elf"
    linked = ("-nostdlib", "-static", "-Wl,-Ttext-segment=0x80000000,-N,--no-relax,--build-id=none")
    _gcc(optimized, f"-mcmodel={model}", *linked, "-o", str(theirs), str(start), str(PROGRAM))
    assert _printed(ours, "reference" if optimized == "-O2" else "native") == wanted
    assert _printed(theirs, "native") == wanted

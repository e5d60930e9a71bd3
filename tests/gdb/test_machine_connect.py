"""Claims about what gdb-multiarch learns of each machine from a bare `target remote`: no ELF file, no settings."""

from pathlib import Path

import pytest

from .conftest import RunGdb
from .machines import ARM_KVM, ARM_VIRT, EVERY, ONE_EACH, POWER_BARE, PSERIES, Board, serve

pytestmark = pytest.mark.gdb
IN_STORE = ("break store", "continue")
"""Stops in `inner`, called by `outer`, called by `_start`."""


@EVERY
def test_a_bare_target_remote_knows_architecture_byte_order_and_source(run_gdb: RunGdb, board: Board) -> None:
    """Without a warning, with the source line of the entry point and the lines around it."""
    with serve(board) as server:
        output = run_gdb(server, "show architecture", "show endian", "list")
    assert output.errors == []
    assert f'(currently "{board.architecture}")' in output.text
    assert f"(currently {board.order} endian)" in output.text
    assert f"_start () at {board.source}" in output.text
    assert "        .global _start" in output.text


@EVERY
def test_a_backtrace_names_each_caller(run_gdb: RunGdb, board: Board) -> None:
    """From the frame rules of the assembler's `.cfi_` directives; `up` shows the call."""
    with serve(board) as server:
        output = run_gdb(server, *IN_STORE, "backtrace", "up", "info frame")
    assert output.errors == []
    frames = [line.split(" at ")[0] for line in output.text.splitlines() if line.startswith("#")]
    assert frames[0] == "#0  inner ()"
    assert frames[1].endswith(" in outer ()")
    assert frames[2].endswith(" in _start ()")
    assert "bl      inner" in output.text
    assert "lr at 0x" in output.text


@EVERY
def test_threads_and_the_partition_are_shown(run_gdb: RunGdb, board: Board) -> None:
    """A partition is an inferior, a vcpu is a thread with its name and state."""
    with serve(board, vcpus=2) as server:
        output = run_gdb(server, "info threads", "info inferiors", "thread 2", "thread name two", "info threads")
    assert output.errors == []
    assert '* 1    Thread 1.1 "vcpu0" (running, ' in output.text
    # On power-bare every thread begins at the entry point; elsewhere firmware starts the others.
    second = "(running, hypervisor)" if board is POWER_BARE else "(powered off)"
    assert f'Thread 1.2 "vcpu1" {second}' in output.text
    assert "process 1" in output.text


@EVERY
def test_disassembly_agrees_with_what_was_assembled(run_gdb: RunGdb, board: Board) -> None:
    """Also for instructions of the hypervisor extensions, which gdb shows only for cores that have them."""
    with serve(board) as server:
        output = run_gdb(server, "x/14i trap_hvc" if not board.is_power else "x/14i trap_hcall", "disassemble inner")
    assert output.errors == []
    assert "UNDEFINED" not in output.text
    power = ("sc      1", "rfid", "hrfid", "ld      r4,0(r3)", "std     r6,0(r4)")
    arm = ("hvc\t0", "svc\t0x0", "movs\tpc, lr", "rfeia\tr1", "udf\t#0", "str\tr3, [r1]")
    for text in power if board.is_power else arm:
        assert text in output.text


POWER_REGISTERS = ("r0", "r31", "pc", "msr", "cr", "lr", "ctr", "xer", "fpscr", "vrsave")
POWER_SPRS = ("srr0", "hsrr1", "sprg3", "dar", "hdsisr", "sdr1", "lpcr", "lpidr", "dec", "hdec", "pvr", "pir")
ARM_REGISTERS = ("r0", "r12", "sp", "lr", "pc", "cpsr", "fpscr")
ARM_OTHERS = ("sp_svc", "lr_abt", "spsr_hyp", "elr_hyp", "sctlr", "ttbr0", "hcr", "vttbr", "hsr", "hpfar", "cntvoff")


@EVERY
def test_every_register_has_a_value(run_gdb: RunGdb, board: Board) -> None:
    """General, system and banked registers of the whole core, none twice, none unavailable."""
    with serve(board) as server:
        output = run_gdb(server, "echo @@\\n", "info registers", "echo @@\\n", "info all-registers")
    assert output.errors == []
    _, general, everything = output.text.split("@@\n")
    names = [line.split()[0] for line in general.splitlines() if line and not line.startswith("[")]
    assert len(names) == len(set(names))
    assert set(POWER_REGISTERS + POWER_SPRS if board.is_power else ARM_REGISTERS + ARM_OTHERS) <= set(names)
    for name in ("f31", "vr31", "vs63") if board.is_power else ("d31", "q15", "s31"):
        assert f"\n{name} " in everything
    assert "unavailable" not in everything


@EVERY
def test_groups_hold_what_their_names_say(run_gdb: RunGdb, board: Board) -> None:
    """`info registers spr`, `… cp15`, `… banked`: system registers stand in groups of their own."""
    groups = {"spr": ("lpcr", "hsrr0")} if board.is_power else {"cp15": ("sctlr", "hcr"), "banked": ("sp_irq",)}
    for group, names in groups.items():
        with serve(board) as server:
            output = run_gdb(server, "echo @@\\n", f"info registers {group}")
        assert output.errors == []
        shown = [line.split()[0] for line in output.text.split("@@\n")[1].splitlines() if line]
        assert set(names) <= set(shown)
        assert board.argument not in shown


@EVERY
def test_a_register_that_is_set_is_the_cores(run_gdb: RunGdb, board: Board) -> None:
    """A general one plainly, one with fields as a whole or field by field; the machine has the value."""
    union, field = ("dabr", "DW") if board.is_power else ("dfsr", "WnR")
    with serve(board) as server:
        output = run_gdb(
            server,
            *IN_STORE,
            "set $r9 = 0x1234",
            f"set ${union}.value = 0",
            f"set ${union}.fields.{field} = 1",
            "maintenance flush register-cache",
            "p/x $r9",
            f"p ${union}.fields.{field}",
            f"p ${union}.value != 0",
        )
    assert output.errors == []
    assert "$1 = 0x1234" in output.text
    assert "$2 = true" in output.text
    assert "$3 = 1" in output.text


@EVERY
def test_a_read_only_register_refuses_and_keeps_its_value(run_gdb: RunGdb, board: Board) -> None:
    """With an error that names it, instead of an OK that changes nothing."""
    name = "pvr" if board.is_power else "midr"
    with serve(board) as server:
        output = run_gdb(
            server,
            *IN_STORE,
            f"set $before = ${name}",
            f"set ${name} = 1",
            "maintenance flush register-cache",
            f"p ${name} == $before",
        )
    assert any(name in line.lower() for line in output.errors)
    assert "$1 = 1" in output.text


@ONE_EACH
def test_sections_compare_search_and_dump(run_gdb: RunGdb, board: Board, tmp_path: Path) -> None:
    """`compare-sections`, `find`, `dump memory` and `restore` go through the server."""
    file = tmp_path / "pattern"
    with serve(board) as server:
        output = run_gdb(
            server,
            "compare-sections",
            "find &counter, +64, 'T', 'r', 'a', 'p'",
            f"dump binary memory {file} &pattern (char *)&pattern + 16",
            "set {char}&pattern = 'X'",
            "compare-sections .data",
            f"restore {file} binary &pattern",
            "compare-sections .data",
        )
    assert file.read_bytes() == b"Trapline pattern"
    assert "1 pattern found" in output.text
    assert [line.rpartition(": ")[2] for line in output.text.splitlines() if line.startswith("Section .data")] == [
        "matched.",
        "MIS-MATCHED!",
        "matched.",
    ]


UNMAPPED = {PSERIES.name: 0x4000000, POWER_BARE.name: 0x4000000, ARM_VIRT.name: 0x20000000, ARM_KVM.name: 0x20000000}
"""Beyond each machine's RAM, and no device."""


@EVERY
def test_unmapped_memory_is_an_error_never_zero(run_gdb: RunGdb, board: Board) -> None:
    """Reading shows no zeros, and writing does not succeed."""
    address = UNMAPPED[board.name]
    with serve(board) as server:
        output = run_gdb(server, f"x/4xw {address:#x}", f"set {{int}}{address:#x} = 1", "p 1+1")
    assert output.errors == [f"Cannot access memory at address {address:#x}"] * 2
    assert "$1 = 2" in output.text

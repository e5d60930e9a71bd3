"""Claims about hot reload: an edited description goes into a machine that runs, in every tier; a bad one does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.isa.lang.tree.diagnostics import DescriptionError
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.target import MachineTarget, reloading
from trapline.server.target.reloading import ReloadError

from ..rsp.serving import serving
from ..server.guests import POWER_BASE, guest
from .conftest import RunGdb

TOY = Path(__file__).resolve().parents[2] / "docs" / "examples" / "toy8" / "toy8.isa"
LOOP = "_start: ldi r1, 0\nloop: addi r1, 1\n jmp loop\n"
HOT = 300_001
"""Instructions after which the loop has been compiled in every tier that compiles."""


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A description of one's own, to be edited."""
    return Path(shutil.copy(TOY, tmp_path))


@pytest.fixture(scope="module")
def loop() -> LoadedElf:
    """A loop that counts in r1."""
    image = assemble([Source("loop.s", LOOP)], target_for(load_core("", entry=TOY)), Layout(base=0x40))
    return parse_elf(image.elf, "loop.elf")


def _target(loop: LoadedElf, described: Path, engine: str = "reference") -> MachineTarget:
    return MachineTarget(lambda: build_machine(loop, None, MachineOptions(description=described, engine=engine)))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("engine", ["reference", "interpreter", "native"])
def test_an_instruction_changes_while_its_loop_is_hot(loop: LoadedElf, described: Path, engine: str) -> None:
    """Registers, place and count stay; from the next instruction on each tier executes what the file says now; and
    back again."""
    steps = 3001 if engine == "reference" else HOT
    target = _target(loop, described, engine)
    core = target.machine.vcpus[0].core
    target.timeline.run_slice(steps, None, None)
    count, pc = core.read("R", 1), core.pc
    assert count == steps // 2 & 0xFF
    _edit(described, "sum(R[D], N, 0)", "sum(R[D], N, 1)")
    assert target.reload_description().changed
    assert (core.read("R", 1), core.pc, core.retired) == (count, pc, steps)
    target.timeline.run_slice(steps - 1, None, None)
    assert core.read("R", 1) == count + steps - 1 & 0xFF
    _edit(described, "sum(R[D], N, 1)", "sum(R[D], N, 0)")
    assert target.reload_description().changed
    target.timeline.run_slice(steps - 1, None, None)
    assert core.read("R", 1) == count + (steps - 1) * 3 // 2 & 0xFF
    assert not target.reload_description().changed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("register TYPED : u1", "register TYPES : u1", "register TYPED is gone"),
        ("register SP : u16", "register SP : u32", "register SP had 16 bits, and has 32"),
        ("register TYPED : u1", "register MORE : u8\nregister TYPED : u1", "register MORE is new"),
    ],
)
def test_registers_that_lie_elsewhere_are_refused(
    loop: LoadedElf, described: Path, old: str, new: str, told: str
) -> None:
    """The answer names the register and the way out; the machine goes on as it was."""
    target = _target(loop, described)
    target.timeline.run_slice(11, None, None)
    if "gone" in told:
        old, new = "TYPED", "TYPES"
    _edit(described, old, new)
    with pytest.raises(ReloadError, match=told) as refused:
        target.reload_description()
    assert "monitor isa restart" in (refused.value.hint or "")
    target.timeline.run_slice(10, None, None)
    assert target.machine.vcpus[0].core.read("R", 1) == 10


def test_a_bad_description_leaves_the_old_one(loop: LoadedElf, described: Path) -> None:
    """Every problem is told with its place; the machine executes what it executed."""
    target = _target(loop, described)
    target.timeline.run_slice(11, None, None)
    _edit(described, "FLAGS.Z = loaded == 0", "FLAGS.Z = loadedd == 0")
    with pytest.raises(DescriptionError, match="there is no name 'loadedd'"):
        target.reload_description()
    target.timeline.run_slice(10, None, None)
    assert target.machine.vcpus[0].core.read("R", 1) == 10


def test_saved_files_are_noticed(loop: LoadedElf, described: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the machine runs: a good file goes in, a bad one is told of, and the next good one goes in."""
    monkeypatch.setattr(reloading, "_LOOK_SECONDS", 0.0)
    told: list[str] = []
    target = _target(loop, described)
    target.watch_description(told.append, always=True)
    target.look_at_files()
    assert told == []
    _edit(described, "sum(R[D], N, 0)", "sum(R[D], N, 11)")
    target.look_at_files()
    assert "11" in told[-1]
    assert "goes on with the description that it had" in told[-1]
    _edit(described, "sum(R[D], N, 11)", "sum(R[D], N, 1)")
    target.look_at_files()
    assert told[-1].startswith("the machine goes on with the description as its files are now")
    assert len(told) == 2


@pytest.mark.gdb
def test_gdb_reloads_and_is_told_what_is_wrong(run_gdb: RunGdb, loop: LoadedElf, described: Path) -> None:
    """By `monitor isa reload`: a breakpoint stays, the disassembly has the new text, problems come with their places;
    `monitor isa restart` begins again with a register more."""
    edited = described.with_name("edited.isa")
    shutil.copy(described, edited)
    _edit(edited, "| addi  3  (sum(R[D], N, 0))", "| addi  3  (sum(R[D], N, 1))")
    broken = described.with_name("broken.isa")
    shutil.copy(described, broken)
    _edit(broken, "R[D] = loaded", "R[D] = loadd")
    larger = described.with_name("larger.isa")
    shutil.copy(edited, larger)
    _edit(larger, "register TYPED", "register LATER : u8\nregister TYPED")
    with serving(_target(loop, described)) as server:
        output = run_gdb(
            server, "break loop", "continue", "continue", "print $r1", f"shell cp {broken} {described}",
            "monitor isa reload", "continue", "print $r1", f"shell cp {edited} {described}", "monitor isa reload",
            "maintenance flush register-cache", "continue", "print $r1", f"shell cp {larger} {described}",
            "monitor isa reload", "monitor isa restart", "maintenance flush register-cache", "print $pc",
            "monitor registers LATER",
        )  # fmt: skip
    for told in ("$1 = 1", "$2 = 2", "$3 = 4", "$4 = 64"):
        assert told in output.text, (told, output.text)
    said = "\n".join([*output.errors, output.text])
    assert "there is no name 'loadd'" in said
    assert "toy8.isa:" in said
    assert "register LATER is new" in said
    assert "LATER = 0x0" in said


def test_a_shipped_core_takes_a_change_under_its_hypervisor_model(tmp_path: Path) -> None:
    """POWER7 under KVM's model: an instruction of a change of one's own means something else from now on."""
    change = tmp_path / "change.isa"
    text = (
        'replace instruction nand "NAND" : X_RS_Rc(OPCD = 31, XO = 476) {\n    syntax  nand{. if Rc} RA, RS, RB\n'
        "    let result : u64 = ~(GPR[RS] & GPR[RB])\n    GPR[RA] = result\n    if Rc { record_cr0(result) }\n}\n"
    )
    change.write_text(text)
    elf = guest(".org 0x4000\n_start: li 4, 5\nagain: nand 5, 4, 4\n b again\n", "power7", POWER_BASE)
    options = MachineOptions(core="power7", engine="reference", changes=(change,))
    target = MachineTarget(lambda: build_machine(elf, "pseries", options))
    core = target.machine.vcpus[0].core
    target.timeline.run_slice(100, None, None)
    assert core.read("GPR", 5) == ~5 & (1 << 64) - 1
    change.write_text(text.replace("~(GPR[RS] & GPR[RB])", "GPR[RS] + GPR[RB]"))
    assert target.reload_description().changed
    target.timeline.run_slice(100, None, None)
    assert core.read("GPR", 5) == 10
    assert core.description is target.machine.description

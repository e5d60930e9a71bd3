"""The public Python API: what `import trapline` offers, and the guide that shows it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import trapline
from trapline.firmware.catalogue import build, find_guest
from trapline.server.api.keywords import MachineKeywords
from trapline.server.api.snapshots import SnapshotMismatchError

from ..native.footprint import mappings
from .guests import ARM_BASE, POWER_BASE, guest, load, power_off, say

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "python.md"
START = ".globl _start, loop\n.org 0x4000\n_start:\n"
COUNT = START + load(9, 3000) + "mtctr %r9\nloop: addi %r5, %r5, 1\nbdnz loop\nmr %r21, %r5\n"
ENDED = COUNT + say("PASS\n") + power_off() + "1: b 1b\n"
WAITS = """
_start: movw r1, #0
        movt r1, #0x0800        @ distributor: on, SPI 1 enabled, for processor 0
        mov r2, #1
        str r2, [r1]
        strb r2, [r1, #0x821]
        mov r3, #2
        str r3, [r1, #0x104]
        add r1, r1, #0x10000    @ processor interface: on, all priorities
        str r2, [r1]
        mov r3, #0xff
        str r3, [r1, #4]
        movw r4, #0
        movt r4, #0x0900        @ PL011: receive interrupt
        mov r3, #0x10
        str r3, [r4, #0x38]
        wfi
        ldrb r7, [r4]
        movw r0, #8
        movt r0, #0x8400
        smc #0
"""


def program(text: str = ENDED) -> bytes:
    """An ELF file of a partition's guest."""
    return guest(text, "power7", POWER_BASE).raw


def test_importing_the_package_imports_nothing_else() -> None:
    """Names come when they are used; `dir` knows them before."""
    code = (
        "import sys, trapline\n"
        "assert not [name for name in sys.modules if name.startswith('trapline.')]\n"
        "assert set(trapline.__all__) <= set(dir(trapline))\n"
        "assert trapline.Outcome.PASSED.value == 0\n"
        "assert 'trapline.server.boards' not in sys.modules\n"
        "assert not hasattr(trapline, 'nothing')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", sorted(trapline.__all__))
def test_each_public_name_is_there_and_documented(name: str) -> None:
    """Each has a docstring, and the guide names it."""
    assert getattr(trapline, name).__doc__
    assert name in GUIDE.read_text()


def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, beside the bundled guest that they name."""
    (tmp_path / "power_hcalls.elf").write_bytes(build(find_guest("power_hcalls")).elf)
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(examples) >= 6
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, str(GUIDE), "exec"), names)


def test_run_gives_a_result_whatever_the_guest_does() -> None:
    """A verdict is no exception; a limit is an outcome."""
    assert trapline.run(program()).passed
    silent = trapline.run(program(".org 0x4000\n_start:\n" + power_off()))
    assert (silent.outcome, silent.passed) == (trapline.Outcome.SILENT, False)
    assert silent.meets(trapline.Expectation.parse(["off"]))
    assert trapline.run(program(), max_instructions=100).outcome is trapline.Outcome.BUDGET
    assert trapline.run(program("_start: b _start\n"), timeout=0).outcome is trapline.Outcome.TIMEOUT
    with pytest.raises(trapline.TraplineError):
        trapline.run(program(), machine="arm-virt")


def test_a_run_goes_on_behind_its_budget() -> None:
    """And ends as it would have in one piece."""
    with trapline.Machine(program()) as machine:
        whole = machine.run()
        machine.reset()
        assert machine.run(max_instructions=1000).outcome is trapline.Outcome.BUDGET
        assert machine.verdict is None
        again = machine.run()
    assert (again.instructions, again.console, again.verdict) == (whole.instructions, whole.console, whole.verdict)


def test_run_until_a_symbol_step_and_registers() -> None:
    """By the description's names and gdb's; the counter counts."""
    with trapline.Machine(program()) as machine:
        assert machine.run_until("loop")
        assert (machine.pc, machine.registers["r5"]) == (machine.symbol("loop"), 0)
        assert machine.run_until("loop")
        assert machine.registers["gpr[5]"] == 1
        assert machine.step(4) == 4
        assert machine.registers["r5"] == 3
        machine.registers["ctr"] = 1
        assert machine.run().passed
        assert machine.registers["r21"] == 4
        assert not machine.run_until("loop")
        with pytest.raises(trapline.TraplineError):
            machine.symbol("nothing")
        with pytest.raises(trapline.TraplineError):
            machine.registers["r99"]
        with pytest.raises(trapline.TraplineError):
            machine.registers["r5"] = 1 << 64
        assert len([*machine.registers]) == len(machine.registers)


def test_memory_is_the_guests_and_code_in_it_is_decoded_anew() -> None:
    """A loop's instruction is changed under a machine that has run it."""
    with trapline.Machine(program()) as machine:
        machine.run(max_instructions=500)
        at, before = machine.symbol("loop"), machine.registers["r5"]
        word = machine.memory.read_int(at, 4)
        machine.memory.write_int(at, 4, (word & ~0xFFFF) | 100)
        machine.run(max_instructions=20)
        assert machine.registers["r5"] >= before + 900
        assert machine.memory[at : at + 4] == machine.memory.read(at, 4)
        with pytest.raises(trapline.TraplineError):
            machine.memory.read(1 << 50, 4)
        with pytest.raises(trapline.TraplineError):
            machine.memory.write_int(at, 1, 256)


def test_a_reset_machine_is_as_new_with_its_hooks() -> None:
    """Registers, memory, console and verdict; output still goes to the hook."""
    said: list[bytes] = []
    with trapline.Machine(program()) as machine:
        machine.on_output(said.append)
        first = machine.run()
        assert b"".join(said) == first.console == b"PASS\n"
        machine.memory.write(0x10_0000, b"\x55")
        machine.reset()
        assert (machine.verdict, machine.instructions, machine.console) == (None, 0, b"")
        assert machine.memory.read(0x10_0000, 1) == b"\0"
        second = machine.run()
        assert b"".join(said) == b"PASS\nPASS\n"
        assert second.statistics == first.statistics


def test_input_wakes_a_machine_that_waits() -> None:
    """IDLE is not its end: what is sent is read when it runs again."""
    with trapline.Machine(guest(WAITS, "armv7ve", ARM_BASE).raw, memory=64) as machine:
        assert machine.run().outcome is trapline.Outcome.IDLE
        assert (machine.verdict, machine.registers["r7"]) == (None, 0)
        waiting = machine.snapshot()
        machine.send(b"a")
        assert machine.run().outcome is trapline.Outcome.SILENT
        assert machine.registers["r7"] == ord("a")
        machine.restore(waiting)
        assert machine.run().outcome is trapline.Outcome.IDLE


def test_what_a_hook_raises_run_raises() -> None:
    """And the machine can be run on."""

    class StopError(Exception):
        pass

    def stop(event: trapline.events.Hcall) -> None:
        raise StopError(event.name)

    with trapline.Machine(program()) as machine:
        with machine.listening(trapline.events.Hcall, stop), pytest.raises(StopError, match="H_PUT_TERM_CHAR"):
            machine.run()
        assert machine.run().passed


def test_a_snapshot_brings_everything_back() -> None:
    """Also what was written, typed and stepped from outside; on another machine it is refused."""
    with trapline.Machine(program(), vcpus=2) as machine:
        machine.run(max_instructions=700)
        machine.registers["r20"] = 77
        machine.memory.write(0x10_0000, b"kept")
        machine.step(3)
        machine.send(b"x")
        machine.run(max_instructions=300)
        kept = machine.snapshot()
        state = (machine.pc, machine.instructions, machine.registers["r5"])
        end = machine.run()
        assert end.passed
        over = machine.snapshot()
        for _ in range(2):
            machine.restore(kept)
            assert (machine.pc, machine.instructions, machine.registers["r5"]) == state
            assert (machine.registers["r20"], machine.memory.read(0x10_0000, 4)) == (77, b"kept")
            again = machine.run()
            assert (again.instructions, again.console, again.verdict) == (end.instructions, end.console, end.verdict)
        machine.restore(over)
        assert machine.verdict == end.verdict
    with trapline.Machine(program(START + "1: b 1b\n")) as other, pytest.raises(SnapshotMismatchError):
        other.restore(kept)


def test_a_machine_without_a_guest_says_so() -> None:
    """Before `load`, and after `close`."""
    machine = trapline.Machine(machine="arm-virt", memory=64)
    with pytest.raises(trapline.TraplineError, match="no guest"):
        machine.run()
    machine.load(guest("_start: mov r7, #5\nb .\n", "armv7ve", ARM_BASE).raw)
    assert machine.step() == 1
    assert machine.registers["r7"] == 5
    machine.close()
    with pytest.raises(trapline.TraplineError, match="no guest"):
        machine.reset()


def test_run_takes_what_a_machine_takes() -> None:
    """The keywords of the one are declared for the other, in their order."""
    own = [name for name, one in inspect.signature(trapline.Machine).parameters.items() if one.kind is one.KEYWORD_ONLY]
    assert [*MachineKeywords.__annotations__] == own


def test_a_file_that_cannot_be_read_is_an_error_of_the_systems(tmp_path: Path) -> None:
    """OSError with the file's name, or a TraplineError that has it; never a machine without a guest."""
    with pytest.raises((OSError, trapline.TraplineError), match=r"missing\.elf"):
        trapline.run(tmp_path / "missing.elf")


@pytest.mark.parametrize("name", ["power_hcalls", "arm_hyp"])
def test_hundreds_of_resets_take_no_more_memory_than_a_few(name: str) -> None:
    """Machines that were reset are given back while the program goes on: what some wait for that together takes as much
    later on as at first, and nothing is mapped more often."""
    found = []
    with trapline.Machine(build(find_guest(name)).elf) as machine:
        for _ in range(300):
            machine.reset()
            machine.run(max_instructions=100)
            found.append(mappings())
    (others, sizes), (more, larger) = (tuple(map(max, zip(*part, strict=True))) for part in (found[:100], found[100:]))
    assert more <= others + 10, found
    assert larger <= 2 * sizes, found


def test_another_architectures_guest_can_be_loaded_into_the_same_machine() -> None:
    """The description is that of the new guest's core; a load that fails leaves the old guest in its place."""
    arm = guest("_start: mov r0, #5\n b .\n", "armv7ve", ARM_BASE).raw
    with trapline.Machine(program()) as machine:
        machine.load(arm)
        machine.step(1)
        assert machine.registers["r0"] == 5
        machine.load(program())
        assert machine.run().passed
        with pytest.raises(trapline.TraplineError):
            machine.load(arm, registers={"r99": 1})
        machine.reset()
        assert machine.run().passed


def test_numbers_that_mean_nothing_are_refused() -> None:
    """Each with an error of ours, instead of being cut to what fits or failing deep inside."""
    with trapline.Machine(program()) as machine:
        for wrong in (
            lambda: machine.run(max_instructions=-1),
            lambda: machine.run(timeout=-1),
            lambda: machine.run(timeout=float("nan")),
            lambda: machine.run_until(-4),
            lambda: machine.vcpus[0].translate(1 << 70),
            lambda: trapline.Machine(program(), memory=0),
            lambda: trapline.Machine(program(), wild_after=-1),
            lambda: trapline.Machine(program(), wild_after=1 << 64),
        ):
            with pytest.raises(trapline.TraplineError):
                wrong()
        assert machine.run().passed

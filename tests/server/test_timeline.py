"""Claims about a machine's past: each moment is there again as it was, whatever the machine is made of."""

from __future__ import annotations

import hashlib
import random
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.firmware.catalogue import build, find_guest
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.machine.ram import PAGE_SIZE, GuestRam
from trapline.server.target import MachineTarget
from trapline.server.timeline.changes import PutRegister
from trapline.server.timeline.objects import CaptureError, Found
from trapline.server.timeline.timeline import MOST_CHECKPOINTS, MOST_OPERATIONS

_RAM = 64 << 20
_MOST_MOMENTS = 120


@cache
def _elf(name: str) -> LoadedElf:
    return parse_elf(build(find_guest(name)).elf, name)


def _target(name: str, engine: str) -> MachineTarget:
    guest = find_guest(name)
    memory = _RAM if guest.memory is None else guest.memory << 20
    options = MachineOptions(guest.vcpus, core=guest.core, threads=guest.threads, ram_size=memory, engine=engine)
    return MachineTarget(lambda: build_machine(_elf(name), guest.machine, options))


def _digest(machine: Machine) -> str:
    """All registers, states of vcpus, memory that was written, guest time, exits, interrupts, verdict."""
    found = hashlib.sha256()
    for vcpu in machine.vcpus:
        found.update(vcpu.core.snapshot())
        found.update(repr((vcpu.mp_state, vcpu.core.steps)).encode())
    for slot in machine.memory.slots:
        for page in slot.ram.dirty_pages(slot.offset, slot.size):
            found.update(page.to_bytes(8, "big") + slot.ram.read(page * PAGE_SIZE, PAGE_SIZE))
    counts = sorted(machine.exits.items()), sorted(machine.diagnosis.counts().items())
    found.update(repr((machine.clock.now, counts, machine.verdict, len(machine.door.record))).encode())
    return found.hexdigest()


def _visit(target: MachineTarget, moment: int) -> None:
    """Goes to a moment of the past."""
    timeline = target.timeline
    timeline.go_back_before(moment)
    while timeline.in_past and target.machine.steps < moment:
        with timeline.unarmed():
            timeline.go_on(moment)


def _to_present(target: MachineTarget, piece: int) -> None:
    """Does again all that was done, in pieces of so many instructions."""
    while target.timeline.in_past:
        target.timeline.go_on(target.machine.steps + piece)


def _typed(machine: Machine) -> list[bytes]:
    """What has come in."""
    return [entry.data for entry in machine.door.record]


_GUESTS = (
    ("power_threads", "native"),
    ("power_threads", "reference"),
    ("power_naps", "native"),
    ("power_devices", "native"),
    ("power_areas", "native"),
    ("power7_host", "native"),
    ("ppc970_host", "native"),
    ("arm_vgic", "native"),
    ("arm_world", "native"),
    ("arm_interrupts_t32", "native"),
    ("arm_hyp", "reference"),
)


@pytest.mark.parametrize(("name", "engine"), _GUESTS)
def test_each_moment_is_there_again(name: str, engine: str) -> None:
    """Threads, devices, interrupts, hypervisors as models and as guest code; the present is as it was afterwards."""
    target = _target(name, engine)
    machine, timeline, pick = target.machine, target.timeline, random.Random(name)
    moments: dict[int, str] = {}
    while machine.verdict is None and len(moments) < _MOST_MOMENTS:
        timeline.run_slice(pick.choice((1, 3, 7, 40, 400)), None, None)
        if machine.verdict is None:
            moments[machine.steps] = _digest(machine)
    present = _digest(machine), machine.steps
    for moment in pick.choices(sorted(moments), k=12):
        _visit(target, moment)
        assert machine.steps == moment
        assert _digest(machine) == moments[moment], f"instruction {moment}"
    timeline.return_to_present()
    assert (_digest(machine), machine.steps) == present
    assert not timeline.in_past


def test_a_machine_that_a_description_describes_has_a_past_too() -> None:
    """A board without a line of Python: what its devices and wires hold is kept as well."""
    toy = Path(__file__).resolve().parents[2] / "docs" / "examples" / "toy8"
    source = Source("hello.s", (toy / "hello.s").read_text())
    image = assemble([source], target_for(load_core("", entry=toy / "toy8.isa")), Layout(base=0x40))
    elf = parse_elf(image.elf, "hello.elf")
    options = MachineOptions(description=toy / "toy8.isa", engine="reference")
    target = MachineTarget(lambda: build_machine(elf, None, options))
    moments: dict[int, str] = {}
    while target.machine.verdict is None:
        target.timeline.run_slice(7, None, None)
        if target.machine.verdict is None:
            moments[target.machine.steps] = _digest(target.machine)
    present = _digest(target.machine)
    for moment in random.Random(8).choices(sorted(moments), k=8):
        _visit(target, moment)
        assert _digest(target.machine) == moments[moment], f"instruction {moment}"
    target.timeline.return_to_present()
    assert _digest(target.machine) == present


@pytest.mark.parametrize(("name", "engine"), [("power_threads", "native"), ("arm_world", "native")])
def test_steps_of_one_vcpu_are_done_again_too(name: str, engine: str) -> None:
    """Steps out of turn, changes from outside and runs, mixed: what lies between them is found as it was."""
    target = _target(name, engine)
    machine, timeline, pick = target.machine, target.timeline, random.Random(3)
    moments: dict[int, str] = {}
    scratch = "GPR" if name.startswith("power") else "R"
    for _ in range(60):
        kind = pick.randrange(3)
        vcpu = pick.choice(machine.vcpus)
        if kind == 0:
            timeline.run_slice(pick.randrange(1, 60), None, None)
        elif kind == 1:
            timeline.step(vcpu)
        else:
            # A register that the bundled guests leave alone here: they are run for what they do, not for a verdict.
            value = pick.randrange(1 << 32)
            timeline.do(PutRegister(machine.vcpus.index(vcpu), scratch, 12, value.to_bytes(8, "little")))
            continue
        # Of several states between two instructions the first one is visited.
        moments.setdefault(machine.steps, _digest(machine))
    for moment in pick.choices(sorted(moments), k=10):
        _visit(target, moment)
        assert _digest(machine) == moments[moment], f"instruction {moment}"


def test_what_was_typed_is_typed_again() -> None:
    """Input belongs to its moment; what is typed in the past is not heard before the present is there again."""
    target = _target("power_naps", "native")
    machine, timeline = target.machine, target.timeline
    timeline.run_slice(2000, None, None)
    machine.console.type(b"one")
    timeline.run_slice(2000, None, None)
    machine.console.type(b"two")
    timeline.run_slice(2000, None, None)
    present = _digest(machine)
    assert _typed(machine) == [b"one", b"two"]
    _visit(target, 1000)
    assert _typed(machine) == []
    _to_present(target, 700)
    assert _typed(machine) == [b"one", b"two"]
    assert _digest(machine) == present


def test_nobody_is_shown_again_what_the_guest_says() -> None:
    """The console of a person has each line once; the machine itself hears it each time."""
    target = _target("arm_hyp", "native")
    shown = bytearray()
    target.machine.console.add_sink(shown.extend, shows=True)
    while target.machine.verdict is None:
        target.timeline.run_slice(50, None, None)
    said = bytes(shown)
    assert b"PASS" in said
    present = _digest(target.machine)
    _visit(target, 10)
    _to_present(target, 50)
    assert _digest(target.machine) == present
    assert bytes(shown) == said


def test_a_change_in_the_past_begins_another_future() -> None:
    """What came later is forgotten; the machine goes on from there, and the new past can be visited."""
    target = _target("arm_world", "native")
    machine, timeline = target.machine, target.timeline
    timeline.run_slice(3000, None, None)
    _visit(target, 1000)
    assert timeline.do(PutRegister(0, "R", 12, b"\x34\x12"))[0], "a future was given up"
    assert not timeline.do(PutRegister(0, "R", 12, b"\x21\x43"))[0]
    changed = _digest(machine)
    timeline.run_slice(50, None, None)
    moment = _digest(machine)
    _visit(target, 500)
    _to_present(target, 1000)
    assert _digest(machine) == moment != changed


def test_checkpoints_are_few_however_long_a_machine_runs() -> None:
    """Their number is bounded, the first one stays, and those close to the present stand closer."""
    target = _target("arm_world", "reference")
    timeline = target.timeline
    for _ in range(3 * MOST_CHECKPOINTS):
        timeline.run_slice(20, None, None)
        timeline.remember([timeline.mark()])
    assert len(timeline.marks) <= MOST_CHECKPOINTS
    assert timeline.marks[0].steps == 0
    moments = [mark.steps for mark in timeline.marks]
    distances = [later - earlier for earlier, later in pairwise(moments)]
    assert max(distances[: len(distances) // 2]) > max(distances[-5:])


def test_a_history_that_becomes_too_long_begins_anew() -> None:
    """Changes without end take no memory without end: the past is given up, the machine is as it was."""
    target = _target("arm_world", "reference")
    machine, timeline = target.machine, target.timeline
    timeline.run_slice(100, None, None)
    for value in range(MOST_OPERATIONS + 10):
        timeline.do(PutRegister(0, "R", 12, value.to_bytes(4, "little")))
    assert timeline.first == machine.steps == 100
    timeline.run_slice(50, None, None)
    present = _digest(machine)
    _visit(target, 120)
    _to_present(target, 100)
    assert _digest(machine) == present


def test_ram_tells_both_who_ask_what_was_written() -> None:
    """The dirty log of a hypervisor and the checkpoints take the same marks, and neither takes the other's."""
    ram = GuestRam(16 * PAGE_SIZE)
    ram.write(3 * PAGE_SIZE, b"a")
    assert ram.take_written() == [3]
    assert ram.dirty_pages(0, ram.size) == (3,)
    assert ram.take_written() == []
    ram.clear_dirty(0, ram.size)
    assert ram.dirty_pages(0, ram.size) == ()
    ram.write(5 * PAGE_SIZE, b"b")
    ram.clear_dirty(0, ram.size)
    assert ram.take_written() == [5]
    ram.write(3 * PAGE_SIZE, b"c")
    ram.put_dirty([7])
    assert ram.dirty_pages(0, ram.size) == (7,)
    assert ram.take_written() == []


def test_an_object_that_nobody_knows_how_to_keep_is_an_error() -> None:
    """Never left out of a checkpoint in silence."""
    with pytest.raises(CaptureError, match="generator"):
        Found({"state": (number for number in range(3))})

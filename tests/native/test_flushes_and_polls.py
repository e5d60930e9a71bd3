"""Flushes, polls and timers do not leave native code, and do there what the reference engine does."""

from __future__ import annotations

import random

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import BOTH, EAGER, INTERPRETER, Tiers
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine

from ..server.guests import RAM, guest, hcall, load, rtas
from ..server.test_pseries import SECOND, VSID, enter
from .pair import CODE, Pair
from .test_slow_paths import requests_of

TIERS = pytest.mark.parametrize("tiers", [BOTH, EAGER, INTERPRETER], ids=["both", "eager", "interpreter"])


class Returns:
    """Counts how often native code comes back to the loop."""

    def __init__(self, engine: object) -> None:
        assert isinstance(engine, NativeEngine)
        self.count = 0
        self._run = engine._run_native
        engine._run_native = self  # type: ignore[assignment]

    def __call__(self, *arguments: int) -> int:
        self.count += 1
        return int(self._run(*arguments))  # type: ignore[arg-type]


def partition(text: str, engine: str, vcpus: int = 1) -> Machine:
    return build_machine(guest(text, "power7", 0), "pseries", MachineOptions(vcpus, RAM, "power7", engine))


def outcome(machine: Machine, steps: int) -> tuple[object, ...]:
    machine.run(steps)
    states = [vcpu.core.snapshot() for vcpu in machine.vcpus]
    return machine.clock.now, dict(machine.exits), states, machine.memory.read(machine.BOOT.ram, 0x40000)


PAGE = 0x20
INDEX = (VSID ^ PAGE) * 8
MANY = "".join(
    hcall("H_ENTER", 0, (VSID ^ PAGE + n) * 8, VSID << 12 | 1, PAGE + n << 12 | 0x190)
    + hcall("H_READ", 0, (VSID ^ PAGE + n) * 8)
    + hcall("H_PROTECT", 1, (VSID ^ PAGE + n) * 8, 0)
    + hcall("H_REMOVE", 0, (VSID ^ PAGE + n) * 8, 0)
    for n in range(2)
)
CALLS = f".org 0x4000\n_start:\n2: {MANY} addi %r31, %r31, 1\nb 2b\n"


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_the_page_table_calls_ask_nothing_of_python(engine: str) -> None:
    """H_ENTER, H_READ, H_PROTECT and H_REMOVE: no request, no return to the loop, and the reference's state."""
    machine = partition(CALLS, engine)
    machine.run(1000)
    core = machine.vcpus[0].core
    asked, returns = requests_of(core.engine), Returns(core.engine)
    before = core.read("GPR", 31)
    machine.run(19_000)
    assert not asked
    assert returns.count <= 40
    assert core.read("GPR", 31) > before + 100
    assert outcome(partition(CALLS, "reference"), 20_000) == outcome(machine, 0)


def moved(page: int) -> str:
    """Has the effective page 0x20 lead to another real page."""
    return hcall("H_REMOVE", 0, INDEX, 0) + hcall("H_ENTER", 0, INDEX, VSID << 12 | 1, page << 12 | 0x190)


def test_another_vcpu_sees_a_page_move() -> None:
    """One vcpu takes a page away and enters it elsewhere, again and again; the other reads through it all the time."""
    fill = "".join(load(9, at) + f"li %r8, {value}\nstw %r8, 0(%r9)\n" for at, value in ((0x20000, 1), (0x21000, 7)))
    text = (
        ".org 0x300\nrfid\n.org 0x4000\n_start:\n"
        + fill + enter(0x7000, 0x7190) + enter(0x20000, 0x20190) + rtas("start_cpu", 1, 0x6000, 3)
        + f"2: {moved(0x21)}{moved(0x20)}b 2b\n"
        + SECOND + load(9, VSID << 12) + load(8, 1 << 27) + "slbmte %r9, %r8\n"
        + load(9, 0x8000000000001032) + f"mtsrr1 %r9\n{load(9, 0x7000)}mtsrr0 %r9\n" + load(4, 0x20000) + "rfid\n"
        + ".org 0x7000\n3: lwz %r5, 0(%r4)\nadd %r31, %r31, %r5\naddi %r28, %r28, 1\nb 3b\n"
    )  # fmt: skip
    machine = partition(text, "native", 2)
    assert outcome(partition(text, "reference", 2), 60_000) == outcome(machine, 60_000)
    core = machine.vcpus[1].core
    reads, total = core.read("GPR", 28), core.read("GPR", 31)
    assert reads > 1000
    assert reads + 100 < total < 7 * reads - 100


# A decrementer that is written all the time, and every so often comes to its end; another mtmsrd changes nothing.
POLLS = {
    "power7": (
        "loop: mtdec %r5\nmtmsrd %r6\naddi %r7, %r7, 1\naddi %r5, %r5, 7\n"
        "andi. %r5, %r5, 15\nli %r11, 30\nmtctr %r11\n1: bdnz 1b\nb loop\n",
        0x900, "handler: addi %r8, %r8, 1\nmfdec %r10\nli %r9, 100\nmtdec %r9\nrfid\n",
        {"MSR": 0x9000000002802000}, {5: 1, 6: 0x900000000280A000, 7: 0, 8: 0},
    ),
    "armv7ve": (
        "loop: cpsid i\ncpsie i\nadd r7, r7, #1\nmcr p15, 0, r5, c14, c3, 0\nadd r5, r5, #3\nb loop\n",
        0x18, "handler: add r8, r8, #1\nsubs pc, lr, #4\n",
        {"CPSR": 0x1D3, "CNTV_CTL": 1}, {5: 1, 7: 0, 8: 0},
    ),
}  # fmt: skip


def place(pair: Pair, core: str) -> None:
    """The program of POLLS, about to run."""
    code, vector, handler, settings, registers = POLLS[core]
    pair.prepare(random.Random(1), settings, bytes(4))
    for side in pair.sides:
        for at, text in ((CODE, code), (vector, handler)):
            image = guest(f"_start:\n{text}", core, at)
            for segment in image.segments:
                side.ram.write(segment.physical, segment.data)
        for index, value in registers.items():
            side.state.write("GPR" if core == "power7" else "R", value, index)
        side.engine.invalidate_code(0, 0x80000)
        side.engine.state_changed()


@TIERS
@pytest.mark.parametrize("core", POLLS)
def test_polls_and_timers_are_due_at_the_same_instruction(core: str, tiers: Tiers) -> None:
    """Wherever the run is cut."""
    pair = Pair(core, tiers)
    generator = random.Random(2)
    place(pair, core)
    for _ in range(300):
        budget = generator.choice([1, 2, 3, generator.randrange(1, 200)])
        stops = [side.run(budget) for side in pair.sides]
        assert stops[0] == stops[1]
        assert not pair.differences()
    assert core == "armv7ve" or pair.sides[0].state.read("GPR", 8) > 50


@pytest.mark.parametrize("core", POLLS)
def test_polls_stay_in_native_code(core: str) -> None:
    """What they are asked for by writes of MSR, CPSR or a timer: ten thousand of them, and a few returns."""
    pair = Pair(core)
    place(pair, core)
    native = pair.sides[1]
    native.run(1000)
    asked, returns = requests_of(native.engine), Returns(native.engine)
    native.run(60_000)
    assert not asked
    assert returns.count < 20

"""A vcpu that runs alone has many quanta in one piece, and nobody can tell."""

from __future__ import annotations

import random

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.core import CoreExit
from trapline.server.hv.kvm import MpState
from trapline.server.tree import schedule

from .guests import ARM_BASE, RAM, guest, hcall, load, number, rtas

# The second vcpu cedes with its decrementer set, counts its wakes, and cedes again; the first one spins.
DECREMENTER = (
    ".org 0x900\naddi %r31, %r31, 1\nmftb %r30\n"
    + load(9, 901)
    + "mtdec %r9\n"
    + hcall("H_CEDE")
    + "b .\n.org 0x4000\n_start:\n"
    + rtas("start_cpu", 1, 0x6000, 3)
    + "2: addi %r31, %r31, 1\nb 2b\n.org 0x6000\n"
    + load(9, 501)
    + "mtdec %r9\n"
    + hcall("H_CEDE")
    + "b .\n"
)

# The second processor waits for interrupts, masked ones: the first one sends it one after a while, by the GIC.
INTERRUPT = f"""
_start:
    movw r0, #{number("PSCI_CPU_ON", "armv7ve") & 0xFFFF}
    movt r0, #0x8400
    mov r1, #1
    adr r2, second
    smc #0
    movw r6, #0
    movt r6, #0x0800
    mov r0, #1
    str r0, [r6]
    movw r4, #6000
1:  subs r4, r4, #1
    bne 1b
    movw r0, #0
    movt r0, #2
    str r0, [r6, #0xf00]
2:  add r5, r5, #1
    b 2b
second:
    movw r6, #0
    movt r6, #0x0801
    mov r0, #1
    str r0, [r6]
    mov r0, #0xff
    str r0, [r6, #4]
    wfi
    mrrc p15, 1, r8, r9, c14
3:  add r5, r5, #1
    b 3b
"""
# The second vcpu cedes with nothing to wake it, counts, and cedes again; the first one prods it now and then.
PROD = (
    ".org 0x4000\n_start:\n"
    + rtas("start_cpu", 1, 0x6000, 3)
    + "2: li %r29, 3100\n3: addi %r29, %r29, -1\ncmpdi %r29, 0\nbne 3b\n"
    + hcall("H_PROD", 1)
    + "b 2b\n.org 0x6000\n4: addi %r31, %r31, 1\nmftb %r30\n"
    + hcall("H_CEDE")
    + "b 4b\n"
)
# The same by an interprocessor interrupt, which user space answers.
IPI = (
    ".org 0x500\naddi %r31, %r31, 1\nmftb %r30\nb .\n.org 0x4000\n_start:\n"
    + rtas("start_cpu", 1, 0x6000, 3)
    + "li %r29, 3100\n3: addi %r29, %r29, -1\ncmpdi %r29, 0\nbne 3b\n"
    + hcall("H_IPI", 1, 5)
    + "4: addi %r31, %r31, 1\nb 4b\n.org 0x6000\n"
    + hcall("H_CPPR", 0xFF)
    + "4: addi %r31, %r31, 1\nmftb %r30\n"
    + load(9, 0x7FFFFFFF)
    + "mtdec %r9\n"
    + hcall("H_CEDE")
    + "b 4b\n"
)
# The first processor runs alone for a while, and then starts the second one.
START = f"""
_start:
    movw r4, #9000
1:  subs r4, r4, #1
    bne 1b
    movw r0, #{number("PSCI_CPU_ON", "armv7ve") & 0xFFFF}
    movt r0, #0x8400
    mov r1, #1
    adr r2, second
    CALL #0
2:  add r5, r5, #1
    b 2b
second:
    mrrc p15, 1, r8, r9, c14
3:  add r5, r5, #1
    b 3b
"""
GUESTS = {
    "start": ("arm-virt", "armv7ve", ARM_BASE, START.replace("CALL", "smc")),
    "start by a call": ("arm-kvm", "armv7ve", ARM_BASE, START.replace("CALL", "hvc")),
    "prod": ("pseries", "power7", 0, PROD),
    "ipi": ("pseries", "power7", 0, IPI),
    "decrementer": ("pseries", "power7", 0, DECREMENTER),
    "interrupt": ("arm-virt", "armv7ve", ARM_BASE, INTERRUPT),
}


def machine_of(name: str, engine: str) -> Machine:
    """One of the guests, with two vcpus."""
    machine, core, base, text = GUESTS[name]
    return build_machine(guest(text, core, base), machine, MachineOptions(2, RAM, core, engine, quantum=2000))


def left_behind(machine: Machine) -> tuple[object, ...]:
    """All that a run leaves."""
    return machine.clock.now, dict(machine.exits), [vcpu.core.snapshot() for vcpu in machine.vcpus]


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("name", GUESTS)
def test_pieces_change_nothing(name: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantum by quantum, in pieces, and in pieces that slices cut anywhere: the same state at the same time."""
    steps = 40_001
    whole, sliced, single = (machine_of(name, engine) for _ in range(3))
    whole.run(steps)
    is_arm = GUESTS[name][1] == "armv7ve"
    woken = whole.vcpus[1].core.read("R", 5) if is_arm else whole.vcpus[1].core.read("GPR", 31)
    assert woken > 1, "the second vcpu was to wake"
    generator = random.Random(name)
    done = 0
    while done < steps:
        before = sliced.steps
        sliced.run_slice(min(generator.randrange(1, 5000), steps - done))
        done += sliced.steps - before
    monkeypatch.setattr(schedule, "_MOST_QUANTA", 1)
    single.run(steps)
    assert left_behind(whole) == left_behind(single)
    assert left_behind(whole) == left_behind(sliced)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("name", GUESTS)
def test_exits_answered_in_a_run_change_nothing(name: str, engine: str) -> None:
    """Each exit of user space ends a run, or none does, or each single instruction is a run: the same state."""
    steps = 25_001
    inside, outside, one_by_one = (machine_of(name, engine) for _ in range(3))
    for vcpu in outside.vcpus:
        vcpu.on_exit = None
    inside.run(steps)
    outside.run(steps)
    while one_by_one.steps < steps:
        one_by_one.run_slice(1)
    assert inside.steps == outside.steps == steps
    assert left_behind(inside) == left_behind(outside)
    assert left_behind(inside) == left_behind(one_by_one)


def test_a_vcpu_alone_is_not_interrupted() -> None:
    """A million instructions beside a stopped vcpu take a few calls of the engine, not one for each quantum."""
    elf = guest("_start:\n1: add r5, r5, #1\nb 1b\n", "armv7ve", ARM_BASE)
    machine = build_machine(elf, "arm-virt", MachineOptions(2, RAM, "armv7ve", "native"))
    core = machine.vcpus[0].core
    calls: list[int] = []
    run = core.run

    def counted(steps: int) -> CoreExit:
        calls.append(steps)
        return run(steps)

    core.__dict__["run"] = counted
    machine.run_slice(1_000_000)
    assert core.read("R", 5) == 500_000
    assert len(calls) == 40, "the first quantum, and the rest, but for looks that come ever more seldom"


def test_who_has_not_run_yet_has_the_present_time() -> None:
    """A vcpu that was prodded, and whose turn has not come when the run ends: its clock is the machine's, whether the
    run was in one piece or in slices, at the ends of which it still waited."""
    waiting = 0
    for steps in range(9000, 20_000, 371):
        whole, sliced = machine_of("prod", "native"), machine_of("prod", "native")
        whole.run(steps)
        while sliced.steps < steps:
            sliced.run_slice(min(500, steps - sliced.steps))
        assert left_behind(whole) == left_behind(sliced), steps
        waiting += whole.vcpus[1].mp_state is MpState.RUNNABLE
    assert waiting > 1

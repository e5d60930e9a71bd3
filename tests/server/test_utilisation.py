"""Claims: the utilisation registers of a core's threads share out its time by who executes (Power ISA 2.06, 7.6)."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine

from .guests import RAM, guest

QUANTUM = 1000
# Thread 0 of a core runs for ever, thread n for 500 n turns of a loop.
SPIN = """
    .org 0x4000
_start:
    andi. %r4, %r3, 3
    beq 3f
    mulli %r5, %r4, 500
    mtctr %r5
1:  bdnz 1b
2:  b wait
3:  addi %r9, %r9, 1
    b 3b
"""
NAP = SPIN + """
wait:
    lis %r6, 0
    mtspr 318, %r6      # LPCR: nothing ends the nap
    nap
    b wait
"""


def machine_of(vcpus: int, threads: int, engine: str, text: str = NAP) -> Machine:
    """Threads in groups on power-bare."""
    options = MachineOptions(core="power7", vcpus=vcpus, threads=threads, ram_size=RAM, engine=engine, quantum=QUANTUM)
    return build_machine(guest(text, "power7", 0), "power-bare", options)


def used(machine: Machine) -> list[int]:
    """PURR of each thread."""
    return [vcpu.core.get("PURR") for vcpu in machine.vcpus]


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_thread_has_the_ticks_in_which_it_executes(engine: str) -> None:
    """Four threads of one core, of which three nap sooner or later: the rest of the time is the first one's."""
    machine = machine_of(4, 4, engine)
    machine.run_slice(40_000)
    found = used(machine)
    executed = [vcpu.core.retired // 2 for vcpu in machine.vcpus]
    assert found == executed
    assert found[0] > 15_000
    assert 200 < found[1] < found[2] < found[3] < 1_000
    assert abs(sum(found) - machine.vcpus[0].core.get("TB")) < 4
    assert [vcpu.core.get("SPURR") for vcpu in machine.vcpus] == found


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_what_passes_on_another_core_is_dealt_to_those_that_wait(engine: str) -> None:
    """Two cores of two threads that all run: each has half of its core's time, though cores take turns."""
    machine = machine_of(4, 2, engine, ".org 0x4000\n_start: addi %r9, %r9, 1\nb _start\n")
    machine.run_slice(80_000)
    found, time = used(machine), machine.vcpus[0].core.get("TB")
    assert time == 40_000
    for core in (found[:2], found[2:]):
        assert sum(core) in (time - 1, time)
        assert all(abs(one - time // 2) <= QUANTUM for one in core)


def test_an_idle_cores_time_is_that_of_who_executed_last() -> None:
    """All threads of the first core nap while one of the second runs: the last to nap has the rest."""
    text = """
        .org 0x4000
    _start:
        cmpdi %r3, 2
        bge 1f
        li %r6, 0
        mtspr 318, %r6
        nap
    1:  addi %r9, %r9, 1
        b 1b
    """
    machine = machine_of(4, 2, "reference", text)
    machine.run_slice(20_000)
    found = used(machine)
    assert found[0] < 1_000
    assert sum(found[:2]) == machine.clock.ticks


def test_how_a_run_is_cut_changes_no_part() -> None:
    """Slices of a prime length, with a look at all threads in between, end as one run does."""
    whole, cut = machine_of(4, 2, "reference"), machine_of(4, 2, "reference")
    whole.run_slice(30_000)
    for _ in range(30_000 // 97):
        cut.run_slice(97)
    cut.run_slice(30_000 % 97)
    assert cut.clock.now == whole.clock.now
    assert used(cut) == used(whole)


def test_threads_of_a_partition_share_their_cores_time_too() -> None:
    """Four vcpus of one vcore under the model, of which one was started: PURR counts all of the time base there."""
    options = MachineOptions(core="power7", vcpus=4, threads=4, ram_size=RAM, engine="reference")
    machine = build_machine(guest(".org 0x4000\n_start: addi %r9, %r9, 1\nb _start\n", "power7", 0), "pseries", options)
    machine.run_slice(10_000)
    found = used(machine)
    assert found[0] == machine.vcpus[0].core.get("TB")
    assert found[1:] == [0, 0, 0]

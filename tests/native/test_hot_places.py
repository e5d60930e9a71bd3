"""Which hot places are compiled, when, and what happens where the process that compiles them does not do its part."""

from __future__ import annotations

import os
import signal
import time

import pytest

from trapline.isa.engine.native.shared.pages import CodePage
from trapline.isa.engine.native.tier import tiers as tiers_module
from trapline.isa.engine.native.tier import worker
from trapline.isa.engine.native.tier.candidates import MOST_WAITING, Candidate, Candidates
from trapline.isa.engine.native.tier.credit import Purse
from trapline.isa.engine.native.tier.tier import RegionTier
from trapline.isa.engine.native.tier.tiers import Tiers
from trapline.isa.lang.load import load_core

from .test_regions import CODE, LOOP, Machine

MOST = tiers_module.MOST_ARRIVALS
BESIDE = Tiers(threshold=100, background=True, patience=4)
PATIENT = Tiers(threshold=100, patience=4)

# addi r3,r3,1; cmpwi r3,0; bne +8; addi r4,r4,1; bdnz to the first
FORKED = (0x38630001, 0x2C030000, 0x40820008, 0x38840001, 0x4200FFF0)
# li r7,50; addi r3,r3,1; addi r7,r7,-1; cmpwi r7,0; bne -12; bdnz to the first
NESTED = (0x38E00032, 0x38630001, 0x38E7FFFF, 0x2C070000, 0x4082FFF4, 0x4200FFEC)


@pytest.fixture
def page() -> CodePage:
    """With a threshold of a hundred arrivals, and some instructions."""
    made = CodePage.make(4, 1, 2, 100)
    for offset in range(0, 4096, 4):
        made.put(offset, 3, 0, 4)
    return made


def arrive(page: CodePage, offset: int, times: int) -> None:
    """What native code does at a jump's target."""
    page.rewind(offset, page.rest(offset) - times)


def candidate(page: CodePage, offset: int, now: int = 0) -> Candidate:
    page.rewind(offset, MOST)
    return Candidate(page, offset, 0, "PPC", b"", 100, 0, now, page.changes)


def test_the_place_with_most_arrivals_since_the_last_look_comes_first(page: CodePage) -> None:
    """Not the one that was noted first."""
    waiting = Candidates()
    for offset, times in ((0, 10), (8, 500), (16, 40)):
        waiting.note(candidate(page, offset))
        arrive(page, offset, times)
    first = waiting.take(1)
    assert first is not None
    assert first.offset == 8
    arrive(page, 0, 5)
    arrive(page, 16, 4)
    following = waiting.take(2)
    assert following is not None
    assert following.offset == 0


def test_a_place_that_has_cooled_is_dropped(page: CodePage) -> None:
    """It may get hot again, and is noted again then."""
    waiting = Candidates()
    waiting.note(candidate(page, 0))
    waiting.note(candidate(page, 8))
    assert waiting.take(0) is not None
    assert waiting.take(1000) is None
    assert len(waiting) == 1
    assert waiting.take(1 << 30) is None
    assert len(waiting) == 0


def test_places_whose_code_has_changed_are_dropped(page: CodePage) -> None:
    """What was there is not compiled."""
    waiting = Candidates()
    waiting.note(candidate(page, 0))
    page.clear()
    assert waiting.take(0) is None
    assert len(waiting) == 0


def test_the_queue_is_bounded(page: CodePage) -> None:
    """A guest with a million loops fills no memory."""
    waiting = Candidates()
    for offset in range(0, 4096, 4):
        waiting.note(candidate(page, offset))
    assert len(waiting) == MOST_WAITING


def regions_of(machine: Machine) -> RegionTier:
    assert machine.engine.regions is not None
    return machine.engine.regions


def test_no_place_is_compiled_twice() -> None:
    """A loop of two ways has one region, though the jump inside has a target of its own."""
    machine = Machine(PATIENT, FORKED)
    machine.engine.run(2_000_000)
    assert machine.regions == 1


def test_a_short_loop_around_a_loop_is_in_its_region() -> None:
    """The inner one is compiled first, as it is hotter, with the way around it; the outer one needs no other."""
    machine = Machine(PATIENT, NESTED)
    machine.engine.run(5_000_000)
    assert machine.regions == 1


def test_nothing_is_compiled_before_the_guest_is_warm() -> None:
    """A guest of a few million instructions begins no process."""
    machine = Machine(Tiers(threshold=100, warm=3_000_000, background=True))
    machine.engine.run(2_900_000)
    tier = regions_of(machine)
    assert (tier.compiling, tier.made) == (False, 0)
    machine.engine.run(2_000_000)
    if tier.compiling:
        tier.wait()
    machine.engine.run(100)
    assert tier.made == 1


def fresh(monkeypatch: pytest.MonkeyPatch) -> worker.Worker:
    """A process for this test alone."""
    own = worker.Worker(load_core("power7"), None)
    monkeypatch.setattr(worker, "worker_of", lambda *_: own)
    return own


def test_a_compiler_that_dies_costs_one_region_and_is_begun_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on, a line says so once, and other places are compiled."""
    own = fresh(monkeypatch)
    machine = Machine(BESIDE)
    machine.engine.run(1_000)
    tier = regions_of(machine)
    assert tier.compiling
    os.kill(own.process, signal.SIGKILL)
    own.wait()
    assert machine.engine.run(100_000).steps == 100_000
    assert (machine.regions, machine.state.read("GPR", 3)) == (0, 20_200)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    machine.place(LOOP, CODE + 0x200)
    machine.state.pc = CODE + 0x200
    machine.engine.run(1_000)
    assert tier.compiling
    own.wait()
    machine.engine.run(10)
    assert machine.regions == 1
    own.end()


def test_what_nobody_has_paid_for_is_made_at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process gets what is idle of processors, and nothing else."""
    own = fresh(monkeypatch)
    monkeypatch.setattr(RegionTier, "_purse", Purse.SPARE)
    machine = Machine(BESIDE)
    machine.engine.run(1_000)
    assert regions_of(machine).compiling
    for _ in range(1000):
        if os.sched_getscheduler(own.process) == os.SCHED_IDLE:
            break
        time.sleep(0.01)
    assert os.sched_getscheduler(own.process) == os.SCHED_IDLE
    own.end()


def test_what_waits_in_vain_for_a_processor_is_made_otherwise_once_it_is_paid_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process that gets nothing ends, and one of a usual priority takes its place."""
    own = fresh(monkeypatch)
    with monkeypatch.context() as busy:
        busy.setattr(worker, "_serve", lambda *_: os.kill(os.getpid(), signal.SIGSTOP))
        busy.setattr(RegionTier, "_purse", Purse.SPARE)
        machine = Machine(BESIDE)
        machine.engine.run(1_000)
    tier, first = regions_of(machine), own.process
    # However little it had before it was stopped.
    monkeypatch.setattr(worker, "_PATIENCE", 0.0)
    monkeypatch.setattr(worker, "_SHARE", 1e9)
    machine.engine.run(1_000)
    assert tier.compiling
    assert own.process != first
    own.wait()
    machine.engine.run(10)
    assert machine.regions == 1
    own.end()


def test_a_host_that_begins_no_process_stays_in_the_interpreter_tier(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a line that says so, once."""
    fresh(monkeypatch)

    def refuse() -> int:
        raise OSError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    machine = Machine(BESIDE)
    assert machine.engine.run(100_000).steps == 100_000
    assert machine.regions == 0
    assert len(caplog.records) == 1

"""Claims: what an engine remembers of translations goes when the architecture says so, on walks of changes.

The states of test_translation_power.py stand alone; here a guest program goes from one to the next.
"""

from __future__ import annotations

import os
import random
from functools import cache

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.reference import ReferenceEngine

from .power_translation import FETCH, LOAD, Real
from .power_walk_program import (
    FREE,
    NOTE_SIZE,
    NOTES,
    PROGRAM,
    RAM,
    REAL,
    STORED,
    TABLES,
    UNTOUCHED,
    Step,
    Walk,
    pattern,
    program,
)
from .power_walks import Walker
from .test_translation_power import Machine

CORES = ("power7", "ppc970")
ACCESSES = 60


@cache
def machine(core: str, natively: bool) -> Machine:
    """One of each, used again."""
    return Machine(core, NativeEngine if natively else ReferenceEngine)


@cache
def filled() -> bytes:
    """Memory from FREE on."""
    return b"".join(pattern(page).to_bytes(8, "big") * 512 for page in range(FREE, RAM, 4096))


def executed(own: Machine, walk: Walk, core: str) -> list[str]:
    """What a walk's notes have that the model does not."""
    own.ram.write(0, bytes(FREE))
    own.ram.write(FREE, filled())
    for address, value in walk.memory.items():
        own.ram.write(address, value.to_bytes(8, "big"))
    end = 0
    for address, text in program(walk, core).items():
        image = assemble([Source("walk.s", text)], target_for(own.state.description), Layout(base=address))
        own.ram.write(address, image.sections[0].data)
        end = max(end, image.symbols["end"] if address == PROGRAM else 0)
    own.engine.reset()
    own.engine.invalidate_code(0, RAM)
    own.engine.flush_tlb()
    state = own.state
    state.write("MSR", 1 << 63 | 1 << 60 | 1 << 12)
    state.write("SDR1", TABLES[0])
    for name, value in {"power7": {"LPIDR": 1, "LPCR": 0}, "ppc970": {"HID4": 1 << 63 | 1 << 57}}[core].items():
        state.write(name, value)
    state.pc = REAL | PROGRAM | 0x100
    own.engine.state_changed()
    own.engine.run(len(walk.text) * 12 + 2000)
    found = []
    for number, step in enumerate(walk.steps):
        note = [own.get(NOTES + NOTE_SIZE * number + 8 * word) for word in range(NOTE_SIZE // 8)]
        if wrong := differs(step, note):
            return [f"{wrong}; {step}; after {[one.story for one in walk.steps[max(0, number - 3) : number]]}"]
    if state.pc & 0xFFFFFFFF != end & 0xFFFFFFFF:
        found.append(f"pc {state.pc:#x} at the end")
    if own.ram.read(FREE, RAM - FREE) != filled():
        found.append("a store went elsewhere")
    return found


def differs(step: Step, note: list[int]) -> str:
    """What is wrong with a note of a step, or nothing."""
    vector, srr0, srr1, _, hsrr1, dsisr, hdsisr, r5, content, second = note
    shown = "note " + " ".join(f"{one:x}" for one in note)
    expected = step.expected
    if isinstance(expected, Real):
        after = (step.address if step.kind == FETCH else step.stub) + 8
        if vector != 0xC00 or (srr0 ^ after) & 0xFFFFFFFF:
            return f"not done: {shown}"
        got = {FETCH: expected.address >> 12, LOAD: pattern(expected.address)}.get(step.kind, UNTOUCHED)
        there = pattern(expected.address, 0 if step.kind in (FETCH, LOAD) else STORED)
        if (r5, content) != (got, there) or (expected.entry and second != expected.second):
            return f"r5 {got:x}, memory {there:x}, entry {expected.second:x}: {shown}"
        return ""
    status = {0x300: dsisr, 0xE00: hdsisr, 0x400: srr1 & 0x78000000, 0xE20: hsrr1 & 0x78000000}.get(vector, 0)
    if vector != expected.vector or (expected.status and status != expected.status) or r5 != UNTOUCHED:
        return f"refused otherwise: {shown}"
    return ""


def walked(core: str, natively: bool, seed: int, walks: int, flushes: bool = True) -> tuple[int, int, list[str]]:
    """Accesses made, how many of them went through, and what differs."""
    made = through = 0
    wrong: list[str] = []
    for number in range(walks):
        name = f"{core} {seed} {number}"
        walk = Walker(random.Random(name), core, flushes).make(ACCESSES)
        wrong += [f"{name}: {one}" for one in executed(machine(core, natively), walk, core)]
        made += len(walk.steps)
        through += sum(isinstance(step.expected, Real) for step in walk.steps)
    return made, through, wrong


@pytest.mark.parametrize("natively", [False, True], ids=["reference", "native"])
@pytest.mark.parametrize("core", CORES)
def test_walks_of_translation_are_the_models(core: str, natively: bool) -> None:
    """SLB, page table, LPCR, RMOR, HRMOR, AMR, HID4, partitions: every access between changes of them."""
    made, through, wrong = walked(core, natively, 1, 4)
    assert wrong == []
    assert made // 5 < through < made


@pytest.mark.parametrize("core", CORES)
def test_engines_agree_where_software_owes_a_flush(core: str) -> None:
    """What an entry said may be found until tlbie, as on real processors: by both engines for as long."""
    for number in range(4):
        walk = Walker(random.Random(f"{core} {number} owed"), core, flushes=False).make(ACCESSES)
        notes = []
        for natively in (False, True):
            own = machine(core, natively)
            executed(own, walk, core)
            notes.append(own.ram.read(0, RAM))
        assert notes[0] == notes[1], number


@pytest.mark.soak
@pytest.mark.parametrize("core", CORES)
def test_many_walks_of_translation_are_the_models(core: str) -> None:
    """50,000 accesses on each engine; the seed is told."""
    seed = int(os.environ.get("TRAPLINE_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed {seed}")
    for natively in (False, True):
        assert walked(core, natively, seed, 50_000 // ACCESSES)[2] == []

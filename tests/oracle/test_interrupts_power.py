"""Claims: every interrupt of POWER7 and the 970 is taken or held off, and saves what the book says.

On both engines, against tables that are written from the book.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_core
from trapline.tests.native.pair import CODE
from trapline.tests.native.test_power_small_facilities import pair, run

from .power_interrupts import (
    BE,
    CAUSED,
    EE,
    FP,
    HV,
    ME,
    PENDING,
    PR,
    RI,
    SE,
    SF,
    VEC,
    VSX,
    Caused,
    Entered,
    Pending,
    Routing,
    taken,
)

STATES = {"hypervisor": HV, "hypervisor's problem": HV | PR, "supervisor": 0, "problem": PR}
USUAL = SF | ME | RI | FP | VEC
REGISTERS = ("SRR0", "SRR1", "HSRR0", "HSRR1")
BEFORE = {"SRR0": 0x1110, "SRR1": 0x2222, "HSRR0": 0x3330, "HSRR1": 0x4444}


def implemented(core: str, msr: int) -> int:
    """VSX is POWER7's."""
    return msr | VSX if core == "power7" else msr


def check(core: str, state: State, msr: int, entered: Entered | None, address: int) -> None:
    """Vector, MSR, and all four save registers."""
    saved = {name: state.read(name) for name in REGISTERS}
    if entered is None:
        assert (state.pc, state.read("MSR"), saved) == (CODE + 4, msr, BEFORE)
        return
    expected = dict(BEFORE)
    prefix = "H" if entered.by_hypervisor_registers else ""
    expected |= {f"{prefix}SRR0": address, f"{prefix}SRR1": entered.saved(msr)}
    assert (state.pc, state.read("MSR"), saved) == (entered.vector, entered.msr_after(msr), expected)


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize("pending", PENDING, ids=lambda pending: pending.name)
def test_asynchronous_interrupts_are_taken_or_held_off(core: str, pending: Pending) -> None:
    """Each x state of the thread x EE x the bit that routes or masks it: LPES0, HDICE, else LPES1."""
    if core not in pending.cores:
        assert core == "ppc970"
        return
    for state, enabled, bit in itertools.product(STATES.values(), (0, EE), (0, 1)):
        routing = Routing(core, more=pending.more)
        match pending.name:
            case "external":
                routing = replace(routing, lpes0=bit)
            case "hypervisor decrementer":
                routing = replace(routing, hdice=bit)
            case _:
                routing = replace(routing, lpes1=bit)
        msr = implemented(core, USUAL | state | enabled)
        after = run(core, "nop\n", 1, msr, handlers=True, also={**routing.registers, **BEFORE, **pending.registers})
        check(core, after, msr, taken(pending.name, msr, routing), CODE)


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_the_first_of_two_interrupts_is_the_books(core: str) -> None:
    """6.8: of two that are enabled the one that stands first is taken (decrementers behind external)."""
    routing = Routing(core)
    msr = implemented(core, USUAL | EE)
    own = [pending for pending in PENDING if core in pending.cores and not pending.more]
    for first, second in itertools.combinations(own, 2):
        registers = {**routing.registers, **BEFORE, **first.registers, **second.registers}
        after = run(core, "nop\n", 1, msr, handlers=True, also=registers)
        check(core, after, msr, taken(first.name, msr, routing), CODE)


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize("caused", CAUSED, ids=lambda caused: f"{caused.name} {caused.vector:#x}")
def test_instructions_interrupts_save_what_the_book_says(core: str, caused: Caused) -> None:
    """Each x state of the thread x LPES1; the instruction's address, or the next one's behind a system call."""
    if core not in caused.cores:
        assert len(caused.cores) == 1
        return
    for state, lpes1 in itertools.product(STATES.values(), (0, 1)):
        if caused.needs & PR and not state & PR:
            continue
        routing = Routing(core, 1, lpes1)
        msr = (implemented(core, USUAL | state) | caused.needs) & ~caused.lacks
        if caused.lacks & FP and core == "power7":
            msr &= ~VSX
        count = caused.text.count("\n") + 1
        text = f"{caused.text}\n"
        after = run(core, text, count, msr, handlers=True, also={**routing.registers, **BEFORE})
        last = CODE + 4 * (count - 1)
        check(core, after, msr, caused.entered(routing), last + (4 if caused.next_address else 0))
        for name, value in caused.sets.items():
            assert after.read(name) == value, name


def test_hior_moves_the_vectors_of_hypervisor_state() -> None:
    """970FX User's Manual, 3.5: HIOR is added where an interrupt leaves HV set, and only there."""
    hior = 0x00700000
    moved = {True: 0, False: 0}
    for caused in CAUSED:
        if "ppc970" not in caused.cores:
            continue
        for state, lpes1 in itertools.product(STATES.values(), (0, 1)):
            if caused.needs & PR and not state & PR:
                continue
            routing = Routing("ppc970", 1, lpes1)
            msr = (USUAL | state | caused.needs) & ~caused.lacks
            count = caused.text.count("\n") + 1
            also = {**routing.registers, **BEFORE, "HIOR": hior}
            after = run("ppc970", f"{caused.text}\n", count, msr, handlers=True, also=also)
            entered = caused.entered(routing)
            is_hypervisor = bool(entered.msr_after(msr) & HV)
            assert after.pc == entered.vector + (hior if is_hypervisor else 0), (caused.name, hex(msr))
            moved[is_hypervisor] += 1
    assert min(moved.values()) > 10


def test_hior_moves_the_vectors_of_asynchronous_interrupts() -> None:
    """The same of what comes from outside, in every routing. No memory is there: a machine check says where it was."""
    hior = 0x00700000
    went: dict[str, set[bool]] = {}
    for pending in PENDING:
        if "ppc970" not in pending.cores:
            continue
        for state, enabled, lpes0, lpes1 in itertools.product(STATES.values(), (0, EE), (0, 1), (0, 1)):
            routing = Routing("ppc970", lpes0, lpes1, more=pending.more)
            msr = USUAL | state | enabled
            also = {**routing.registers, **BEFORE, **pending.registers, "HIOR": hior}
            after = run("ppc970", "nop\n", 1, msr, handlers=True, also=also)
            entered = taken(pending.name, msr, routing)
            if entered is None:
                assert after.pc == CODE + 4, (pending.name, hex(msr))
                continue
            is_hypervisor = bool(entered.msr_after(msr) & HV)
            is_checked = is_hypervisor and entered.msr_after(msr) & ME
            place = after.read("SRR0") if is_checked else after.pc
            assert place == entered.vector + (hior if is_hypervisor else 0), (pending.name, hex(msr))
            assert not is_checked or after.pc == hior + 0x200
            went.setdefault(pending.name, set()).add(is_hypervisor)
    assert went["system reset"] == went["machine check"] == went["hypervisor decrementer"] == {True}
    assert went["external"] == went["decrementer"] == went["performance monitor"] == {True, False}


def test_hior_keeps_a_megabytes_address() -> None:
    """970FX User's Manual, 2.2: bits 22 to 43; POWER7 has no such register."""
    state = run("ppc970", "li 4, -1\nmtspr 311, 4\nmfspr 5, 311\n", 3, SF | HV)
    assert state.read("GPR", 5) == 0x000003FFFFF00000
    assert "HIOR" not in load_core("power7").registers


def test_a_machine_check_without_me_stops_the_thread() -> None:
    """6.5.2: with MSR.ME = 0 it is a checkstop; nothing is saved, and pc is where it came."""
    for core in ("power7", "ppc970"):
        run(core, "nop\n", 1, SF | HV, handlers=True, also={**BEFORE, "MACHINE_CHECK_PENDING": 1 << 30})
        for side in pair(core).sides:
            assert {name: side.state.read(name) for name in REGISTERS} == BEFORE
            assert side.state.pc == CODE


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize(
    ("bit", "text", "steps", "traced"),
    [
        (SE, "nop\nnop\n", 3, 2),
        (SE, "b 1f\nnop\n1: nop\n", 3, 3),
        (BE, "nop\nnop\nb 1f\nnop\n1: nop\n", 5, 5),
        (BE, "nop\ncmpw 3, 3\nbne 1f\nnop\n1: nop\n", 5, 4),
        (BE, "nop\nbl 1f\n1: nop\n", 4, 3),
        (SE, "trap\n", 2, 0),
        (SE, "sc\n", 2, 0),
    ],
    ids=["step", "step of a branch", "branch", "branch not taken", "call", "step of a trap", "step of a call"],
)
def test_traces_follow_the_instruction(core: str, bit: int, text: str, steps: int, traced: int) -> None:
    """6.5.15: SE after the instruction that completes next, BE after a branch, taken or not; no interrupt."""
    msr = implemented(core, SF | HV | ME | RI | bit)
    routing = Routing(core)
    also = {**routing.registers, "SRR0": CODE + 4, "SRR1": msr}
    state = run(core, "rfid\n" + text, steps, SF | HV | ME, handlers=True, also=also)
    if not traced:
        assert state.pc == {"trap\n": 0x700, "sc\n": 0xC00}[text]
        assert state.read("MSR") == SF | HV | ME
    else:
        assert (state.pc, state.read("SRR0"), state.read("SRR1")) == (0xD00, CODE + 4 * traced, msr)
        assert state.read("MSR") == SF | HV | ME

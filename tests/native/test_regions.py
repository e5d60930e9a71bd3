"""The block tier compiles what is hot and nothing else, and gives up what does not fit any more."""

from __future__ import annotations

import gc
import resource
from fractions import Fraction

import pytest
from msgspec.structs import replace

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.interface import StopReason
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier import compile, worker
from trapline.isa.engine.native.tier.tiers import BOTH, EAGER, INTERPRETER, Tiers
from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_core
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

RAM_SIZE = 0x100000
CODE = 0x10000
SF = 1 << 63
MSR = 0x1000000002802000
"""Hypervisor state, untranslated, 32-bit mode without SF."""

# addi r3,r3,1; lwz r4,0(r5); add r6,r6,r4; stw r6,4(r5); bdnz to the first
LOOP = (0x38630001, 0x80850000, 0x7CC62214, 0x90C50004, 0x4200FFF0)


class Machine:
    """A POWER7 with a loop in RAM, and a native engine of the given tiers."""

    def __init__(self, tiers: Tiers, code: tuple[int, ...] = LOOP) -> None:
        self.ram = GuestRam(RAM_SIZE)
        memory = PhysicalMemory()
        memory.add(MemorySlot(0, 0, RAM_SIZE, self.ram))
        description = load_core("power7")
        self.state = State(description)
        bus = Bus(EventStream(), GuestClock(Fraction(1)))
        self.engine = NativeEngine(description, self.state, memory, bus, tiers=tiers)
        self.engine.reset()
        self.place(code)
        self.enter(MSR | SF)

    def place(self, code: tuple[int, ...], address: int = CODE) -> None:
        """Writes code as a program that loads itself does it."""
        self.ram.write(address, b"".join(word.to_bytes(4, "big") for word in code))
        self.engine.invalidate_code(address, 4 * len(code))

    def enter(self, msr: int) -> None:
        """Before the loop, which takes long."""
        self.state.write("MSR", msr)
        self.state.write("CTR", 1 << 40)
        self.state.write("GPR", 0x40000, 5)
        self.state.pc = CODE
        self.engine.state_changed()

    @property
    def regions(self) -> int:
        """How many regions there are."""
        assert self.engine.regions is not None
        return len(self.engine.regions.present())


def test_a_hot_loop_becomes_one_region() -> None:
    """Whose code the engine then runs for as long as the budget lasts."""
    machine = Machine(Tiers())
    machine.engine.run(1_000_000)
    assert machine.regions == 1


HELD = Tiers(background=True)


def finish(machine: Machine) -> None:
    """Waits for what is being compiled; the engine does not know yet."""
    assert machine.engine.regions is not None
    assert machine.engine.regions.due <= machine.engine.retired
    machine.engine.regions.wait()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """No answer of the process that compiles is looked at before a test puts something in."""
    opened: list[bool] = []
    look = worker.Worker.look
    monkeypatch.setattr(worker.Worker, "look", lambda self, wait=False: look(self, wait) if opened else None)
    return opened


def test_the_guest_runs_on_while_its_code_is_compiled(held: list[bool]) -> None:
    """By another process; the region is put in place when it is ready, and nothing else changes."""
    machine = Machine(HELD)
    assert machine.engine.run(1_000_000).steps == 1_000_000
    assert (machine.regions, machine.state.read("GPR", 3)) == (0, 200_000)
    held.append(True)
    finish(machine)
    assert machine.engine.run(1_000_000).steps == 1_000_000
    assert (machine.regions, machine.state.read("GPR", 3)) == (1, 400_000)


def test_code_that_changes_while_it_is_compiled_is_not_put_in_place(held: list[bool]) -> None:
    """What runs is the new code, which gets hot in its turn."""
    machine = Machine(HELD)
    machine.engine.run(1_000_000)
    machine.place((0x38630002, *LOOP[1:]))  # addi r3,r3,2
    held.append(True)
    finish(machine)
    assert machine.engine.run(5000).steps == 5000
    assert (machine.regions, machine.state.read("GPR", 3)) == (0, 200_000 + 2000)
    held.clear()
    machine.engine.run(1_000_000)
    held.append(True)
    finish(machine)
    machine.engine.run(5)
    assert (machine.regions, machine.state.read("GPR", 3)) == (1, 200_000 + 2000 + 400_000 + 2)


def test_what_runs_a_few_times_is_not_compiled() -> None:
    """Hundreds of times are few, where an earlier run left nothing."""
    machine = Machine(replace(BOTH, kept=False))
    machine.engine.run(5 * 1000)
    assert machine.regions == 0


def test_the_interpreter_tier_alone_compiles_nothing() -> None:
    """However long it runs."""
    machine = Machine(INTERPRETER)
    machine.engine.run(1_000_000)
    assert machine.engine.regions is None


def test_registers_are_back_in_memory_at_every_stop() -> None:
    """Whatever the length of the run, the counters agree with it."""
    machine = Machine(EAGER)
    total = 0
    for budget in (1, 4, 5, 6, 11, 1000, 1003):
        machine.engine.run(budget)
        total += budget
        assert (machine.state.read("GPR", 3), machine.state.read("CTR")) == ((total + 4) // 5, (1 << 40) - total // 5)
        assert machine.state.pc == CODE + 4 * (total % 5)
    assert machine.regions


def test_a_store_into_a_compiled_loop_drops_it() -> None:
    """The loop adds 1 to r3, then overwrites that instruction by one that adds 2."""
    # add r3,r3,r9; stw r7,0(r8); bdnz to the first
    machine = Machine(EAGER, (0x7C634A14, 0x90E80000, 0x4200FFF8))
    for register, value in ((3, 0), (7, 0), (8, 0x40000), (9, 1)):
        machine.state.write("GPR", value, register)
    machine.engine.run(3 * 100)
    assert machine.regions == 1
    machine.state.write("GPR", 0x38630002, 7)  # addi r3,r3,2
    machine.state.write("GPR", CODE, 8)
    machine.engine.run(3 * 10)
    assert machine.state.read("GPR", 3) == 100 + 1 + 2 * 9


def test_other_modes_than_a_region_was_made_for_go_around_it_until_it_is_made_anew() -> None:
    """A loop that was compiled in 64-bit mode, then entered in 32-bit mode: CTR is compared as a word there."""
    machine = Machine(EAGER)
    machine.engine.run(1000)
    machine.enter(MSR)
    machine.state.write("CTR", 1 << 32 | 3)
    machine.engine.run(3 * 5)
    assert machine.state.pc == CODE + 20
    (made,) = assumptions(machine)
    for _ in range(200):
        machine.enter(MSR)
        machine.engine.run(20)
    (anew,) = assumptions(machine)
    assert made["MSR", 63] == 1
    assert anew["MSR", 63] == 0


def assumptions(machine: Machine) -> list[dict[tuple[str, int], int]]:
    """For each region what it takes as constant, by register and first bit."""
    assert machine.engine.regions is not None
    present = machine.engine.regions.present()
    return [
        {(register, low): mode for register, _, low, _, mode in region.facts.assumed} for region in present
    ]


def test_compiled_code_is_freed_with_what_it_was_made_from() -> None:
    """Nothing of it is left, and the process does not grow, however often a loop is loaded anew."""
    machine = Machine(EAGER)

    def rounds(count: int) -> int:
        for number in range(count):
            machine.place((0x38630000 | number & 0x7FFF, *LOOP[1:]))
            machine.enter(MSR | SF)
            machine.engine.run(50)
            assert machine.regions == 1
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = rounds(40)
    after = rounds(120)
    assert after - before < 8 << 10
    machine.engine.invalidate_code(0, RAM_SIZE)
    assert machine.regions == 0


def test_what_llvm_rejects_stays_in_the_interpreter_tier_and_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on as if nothing had been compiled."""

    def reject(*_: object) -> None:
        raise EngineError("LLVM rejects a region")

    monkeypatch.setattr(compile, "compile_region", reject)
    machine = Machine(EAGER)
    machine.place((0x38630001, 0x4BFFFFFC), CODE + 0x100)
    assert machine.engine.run(5000).steps == 5000
    machine.state.pc = CODE + 0x100
    assert machine.engine.run(5000).steps == 5000
    assert machine.regions == 0
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_breakpoint_in_a_region_stops_it_and_the_region_comes_back() -> None:
    """Not only at the instruction where it is entered."""
    machine = Machine(EAGER)
    machine.engine.run(500)
    machine.engine.set_breakpoints(frozenset({CODE + 8}))
    stop = machine.engine.run(500)
    assert (stop.reason, stop.pc, stop.steps) == (StopReason.BREAKPOINT, CODE + 8, 2)
    machine.engine.set_breakpoints(frozenset())
    assert machine.engine.run(500).steps == 500
    assert machine.regions


def test_values_that_ways_give_in_other_pieces_meet_whole() -> None:
    """STFS takes a number apart in three ways, each with borders of its own between the pieces."""
    # stfsu f1,4(r5); bdnz to the first
    wanted = {0x48846BD4945B1431: 0x44235EA4, 0x3FF8000000000000: 0x3FC00000, 0x36A0000000000000: 1, 1: 0}
    for number, stored in wanted.items():
        machine = Machine(EAGER, (0xD4250004, 0x4200FFFC))
        machine.enter(MSR | SF | 0x2000)
        machine.state.write("FPR", number, 1)
        machine.engine.run(100)
        assert machine.regions
        assert machine.ram.read(0x40004, 4 * 50) == stored.to_bytes(4, "big") * 50


def test_a_rounding_that_only_the_run_knows_is_heeded() -> None:
    """A quotient that is rounded away from zero to the nearest number, and toward minus infinity."""
    # mtfsf 1,f2; fdiv f3,f1,f4; stfdu f3,8(r5); bdnz to the first
    for rounding, last in enumerate((0x3F, 0x3E, 0x3E, 0x3F)):
        machine = Machine(EAGER, (0xFC02158E, 0xFC612024, 0xDC650008, 0x4200FFF4))
        machine.enter(MSR | SF | 0x2000)
        for index, value in ((1, 0xA60E1B6F6BF4F57C), (2, rounding), (4, 0x3C004E5394E7B93C)):
            machine.state.write("FPR", value, index)
        machine.engine.run(200)
        assert machine.regions
        quotient = 0xA9FD8AD06112E000 | last
        assert machine.ram.read(0x40008, 8 * 50) == quotient.to_bytes(8, "big") * 50


def test_calls_return_within_a_region() -> None:
    """The return address is compared with those behind the calls, so that the loop around the call is one region."""
    # bl +12; bdnz to the first; b .; addi r3,r3,1; blr
    machine = Machine(EAGER, (0x4800000D, 0x4200FFFC, 0x48000000, 0x38630001, 0x4E800020))
    machine.engine.run(4 * 100_000)
    assert machine.state.read("GPR", 3) == 100_000
    assert machine.regions == 1

"""What native code keeps, translations, contexts and decoded pages, never outlives what it was made from."""

from __future__ import annotations

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.interface import StopReason
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.engine.softtlb import MAXIMUM_CONTEXTS
from trapline.isa.engine.state import State
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..engine import toy
from ..engine.test_memory_access import translating
from ..engine.toy import ToyMachine, encode
from .test_flushes_and_polls import Returns


@pytest.fixture(autouse=True)
def _native(monkeypatch: pytest.MonkeyPatch) -> None:
    """Toy machines have native engines."""
    monkeypatch.setattr(
        toy, "ReferenceEngine", lambda description, state, memory, bus, coverage=None, vcpu=0: NativeEngine(
            description, state, memory, bus, vcpu
        )
    )  # fmt: skip


def at(machine: ToyMachine, space: int, pc: int) -> None:
    """Runs one instruction of an address space."""
    machine.engine.write_external("SPACE", space)
    machine.state.pc = pc
    machine.engine.run(1)


def test_code_is_found_anew_after_a_flush_in_a_context_that_was_given_up() -> None:
    """More contexts than are kept; the first one's fetch translations are flushed with all others."""
    machine = translating()
    machine.place(0x3100, [encode("load", a=1, b=2)])
    machine.ram.write(0x2100, machine.ram.read(0x3100, 8))
    machine.ram.write_int(0x1800, 4, 0x111, "big")
    machine.ram.write_int(0x1804, 4, 0x222, "big")
    machine.state.write("R", 0x1800, 2)
    machine.state.write("R", 0x1804, 3)
    at(machine, 0, 0x3100)
    assert machine.register(1) == 0x111
    for space in range(1, MAXIMUM_CONTEXTS + 6):
        at(machine, space, 0x3100)
    at(machine, 0, 0x3100)
    machine.map_page(3, 5)
    machine.place(0x5100, [encode("load", a=1, b=3)])
    machine.engine.flush_tlb()
    at(machine, 0, 0x3100)
    assert machine.register(1) == 0x222


def test_a_slot_that_was_exchanged_is_not_read_any_more() -> None:
    """Also where native code knew the old one's host address."""
    machine = ToyMachine()
    machine.place(0x100, [encode("load", a=1, b=2)])
    machine.memory.add(MemorySlot(2, 0x90000, 0x1000, GuestRam(0x1000)))
    machine.state.write("R", 0x90000, 2)
    machine.engine.run(1)
    machine.memory.remove(2)
    other = GuestRam(0x1000)
    other.write_int(0, 4, 0x77, "big")
    machine.memory.add(MemorySlot(3, 0x90000, 0x1000, other))
    machine.engine.flush_tlb()
    machine.engine.invalidate_code(0x90000, 0x1000)
    machine.state.pc = 0x100
    machine.engine.run(1)
    assert machine.register(1) == 0x77


def test_native_stores_mark_their_page_dirty() -> None:
    """The first store goes through the engine, the later ones do not."""
    machine = ToyMachine()
    machine.place(0x100, [encode("store", a=1, b=2)] * 3)
    machine.state.write("R", 0x2000, 2)
    machine.engine.run(2)
    machine.ram.clear_dirty(0, toy.RAM_SIZE)
    machine.engine.run(1)
    assert list(machine.ram.dirty_pages(0, toy.RAM_SIZE)) == [2]


def test_a_breakpoint_in_a_hot_loop_stops_at_once_and_goes_when_removed() -> None:
    """Entries that were decoded before are changed, and changed back."""
    machine = ToyMachine()
    machine.place(0x100, [encode("store", a=1, b=2), encode("branch", a=2, imm=-1)])
    machine.state.write("R", 0x2000, 2)
    assert machine.engine.run(1001).steps == 1001
    back = machine.state.pc
    machine.engine.set_breakpoints(frozenset({back}))
    assert machine.engine.run(10).reason is StopReason.BREAKPOINT
    stop = machine.engine.run(10)
    assert (stop.reason, stop.steps, stop.pc) == (StopReason.BREAKPOINT, 2, back)
    machine.engine.set_breakpoints(frozenset())
    assert machine.engine.run(1000).steps == 1000


def test_engines_of_different_kinds_do_not_share_a_machine() -> None:
    """Registers of a reference engine are Python's own; a native one would not see what it writes."""
    state = State(toy.toy())
    machine = ToyMachine()
    ReferenceEngine(toy.toy(), state, machine.memory, machine.bus)
    with pytest.raises(EngineError, match="cannot join a machine whose engines are not native"):
        NativeEngine(toy.toy(), state.sibling("core"), machine.memory, machine.bus, 1)
    native = State(toy.toy())
    NativeEngine(toy.toy(), native, machine.memory, machine.bus)
    with pytest.raises(EngineError, match="cannot join a machine whose engines are not reference"):
        ReferenceEngine(toy.toy(), native.sibling("core"), machine.memory, machine.bus, 1)


def test_vcpus_share_the_blocks_that_their_states_share() -> None:
    """Siblings that were made before their engines, and one that was made after."""
    machine = ToyMachine()
    first = State(toy.toy())
    second = first.sibling("core")
    engines = [NativeEngine(toy.toy(), state, machine.memory, machine.bus) for state in (first, second)]
    third = first.sibling("core")
    engines.append(NativeEngine(toy.toy(), third, machine.memory, machine.bus))
    first.write("SHARED", 5)
    assert [state.read("SHARED") for state in (second, third)] == [5, 5]
    third.write("COMMON", 6)
    assert [engine.state.read("COMMON") for engine in engines] == [6, 6, 6]


def test_a_breakpoint_leaves_code_at_the_same_place_of_other_pages_alone() -> None:
    """A hot loop whose branch lies where another page has a breakpoint runs on natively; the breakpoint stops."""
    machine = ToyMachine()
    loop = [encode("store", a=1, b=2), encode("branch", a=2, imm=-1)]
    machine.place(0x100, loop)
    machine.place(0x4100, loop)
    machine.state.write("R", 0x2000, 2)
    machine.state.pc = 0x100
    machine.engine.set_breakpoints(frozenset({0x4104}))
    machine.engine.run(100)
    returns = Returns(machine.engine)
    assert machine.engine.run(1000).steps == 1000
    assert returns.count <= 2
    machine.state.pc = 0x4100
    stop = machine.engine.run(10)
    assert (stop.reason, stop.steps, stop.pc) == (StopReason.BREAKPOINT, 1, 0x4104)
    machine.engine.set_breakpoints(frozenset({0x104}))
    machine.state.pc = 0x100
    stop = machine.engine.run(10)
    assert (stop.reason, stop.steps, stop.pc) == (StopReason.BREAKPOINT, 1, 0x104)
    machine.engine.set_breakpoints(frozenset())
    assert machine.engine.run(1000).steps == 1000


def test_breakpoints_that_come_and_go_leave_their_page_known() -> None:
    """A debugger takes its breakpoints away at each stop and sets them again: no page is looked for a second time. One
    whose code was changed meanwhile is not entered as it was."""
    machine = ToyMachine()
    store, back = encode("store", a=1, b=2), encode("branch", a=2, imm=-1)
    machine.place(0x100, [store, back])
    machine.state.write("R", 0x2000, 2)
    machine.state.pc = 0x100
    engine = machine.engine
    assert isinstance(engine, NativeEngine)
    lacking = "a page of code that is not known"
    for _ in range(2):
        engine.set_breakpoints(frozenset({0x104}))
        engine.run(10)
        engine.set_breakpoints(frozenset())
        engine.run(10)
    known = engine.entered().get(lacking, 0)
    for _ in range(5):
        engine.set_breakpoints(frozenset({0x104}))
        stop = engine.run(10)
        assert (stop.reason, stop.pc) == (StopReason.BREAKPOINT, 0x104)
        engine.set_breakpoints(frozenset())
        assert engine.run(10).steps == 10
        machine.state.pc = 0x100
    assert engine.entered().get(lacking, 0) == known
    engine.set_breakpoints(frozenset({0x104}))
    machine.place(0x100, [encode("branch", a=2, imm=2), back, store])
    engine.invalidate_code(0x100, 12)
    engine.set_breakpoints(frozenset())
    machine.state.pc = 0x100
    assert engine.run(1).steps == 1
    assert machine.state.pc == 0x108

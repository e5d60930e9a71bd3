"""Watchpoints: before the instruction with nothing done, or after it."""

from __future__ import annotations

import pytest

from trapline.isa.engine.interface import StopReason, WatchHit, WatchKind, Watchpoint

from .toy import ToyMachine, encode


def storing() -> ToyMachine:
    """A machine about to store R1 at 0x1000 and 0x1010 in one instruction that first counts in R15."""
    machine = ToyMachine()
    machine.state.write("R", 0xABCD, 1)
    machine.state.write("R", 0x1000, 2)
    machine.place(0x100, [encode("store2", a=1, b=2, imm=0x10), encode("li", a=9, imm=9)])
    return machine


def test_before_mode_stops_with_the_instruction_undone() -> None:
    """Registers and the store that came first in the instruction are put back; running on executes it once."""
    machine = storing()
    watch = Watchpoint(0x1012, 1, WatchKind.WRITE)
    machine.engine.set_watchpoints([watch], before=True)
    before = machine.state.snapshot()
    stop = machine.engine.run(10)
    assert (stop.reason, stop.pc, stop.retired) == (StopReason.WATCHPOINT, 0x100, 0)
    assert stop.watch == WatchHit(watch, WatchKind.WRITE, 0x1012, 4)
    assert machine.state.snapshot() == before
    assert machine.ram.read(0x1000, 0x20) == bytes(0x20)
    assert machine.engine.run(2).retired == 2
    assert (machine.register(15), machine.word(0x1000), machine.word(0x1010)) == (1, 0xABCD, 0xABCD)


def test_after_mode_stops_behind_the_completed_instruction() -> None:
    """The store is done, the next instruction is not."""
    machine = storing()
    machine.engine.set_watchpoints([Watchpoint(0x1010, 4, WatchKind.ACCESS)], before=False)
    stop = machine.engine.run(10)
    assert (stop.reason, stop.pc, stop.retired) == (StopReason.WATCHPOINT, 0x104, 1)
    assert (machine.word(0x1010), machine.register(9)) == (0xABCD, 0)


@pytest.mark.parametrize("before", [False, True])
def test_a_read_watchpoint_does_not_see_stores_nor_what_lies_beside(before: bool) -> None:
    """Only overlapping accesses of the watched kind stop."""
    machine = storing()
    machine.engine.set_watchpoints(
        [Watchpoint(0x1000, 4, WatchKind.READ), Watchpoint(0x1004, 12, WatchKind.ACCESS)], before=before
    )
    assert machine.engine.run(2).reason is StopReason.BUDGET


def test_watchpoints_that_are_taken_away_cost_and_stop_nothing() -> None:
    """An empty list turns them off."""
    machine = storing()
    machine.engine.set_watchpoints([Watchpoint(0x1000, 4, WatchKind.WRITE)], before=False)
    machine.engine.set_watchpoints([], before=False)
    assert machine.engine.run(2).reason is StopReason.BUDGET


def test_a_breakpoint_and_a_watchpoint_at_one_instruction_stop_one_after_the_other() -> None:
    """Passing the breakpoint does not pass the watchpoint; after both, the instruction is executed once."""
    machine = storing()
    machine.engine.set_breakpoints(frozenset({0x100}))
    machine.engine.set_watchpoints([Watchpoint(0x1000, 4, WatchKind.WRITE)], before=True)
    reasons = [machine.engine.run(2).reason for _ in range(3)]
    assert reasons == [StopReason.BREAKPOINT, StopReason.WATCHPOINT, StopReason.BUDGET]
    assert machine.register(15) == 1


def test_accesses_from_outside_do_not_hit_watchpoints() -> None:
    """The debugger looks at what it watches."""
    machine = storing()
    machine.engine.set_watchpoints([Watchpoint(0x1000, 4, WatchKind.ACCESS)], before=True)
    machine.engine.write_memory(0x1000, b"abcd")
    assert machine.engine.read_memory(0x1000, 4) == b"abcd"

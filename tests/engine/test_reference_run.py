"""The reference engine's loop: exact counts, interrupts, exits, timers, breakpoints, decoding."""

from __future__ import annotations

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.interface import ExitTaken, StopReason

from .toy import ToyMachine, encode

LOOP = [encode("add", a=1, b=1, imm=1), encode("branch", a=1, imm=-1)]


def test_a_run_is_cut_at_the_exact_instruction() -> None:
    """A budget of n executes n instructions, and the rest can be run in any portions."""
    whole, cut = ToyMachine(), ToyMachine()
    for machine in (whole, cut):
        machine.place(0x100, LOOP)
    stop = whole.engine.run(101)
    assert (stop.reason, stop.retired, stop.steps, stop.pc) == (StopReason.BUDGET, 101, 101, 0x104)
    for portion in (1, 3, 40, 57):
        assert cut.engine.run(portion).retired == portion
    assert cut.state.snapshot() == whole.state.snapshot()
    assert whole.register(1) == 51


def test_a_faulting_instruction_does_not_retire_and_enters_its_interrupt() -> None:
    """CIA is the faulting instruction's address in the interrupt's body; the budget pays for it, the count does not."""
    machine = ToyMachine()
    machine.place(0x200, [encode("li", a=2, imm=0x7000), 0xFF000000])
    stop = machine.engine.run(2)
    assert (stop.retired, stop.steps, stop.pc) == (1, 2, 0x4C)
    assert (machine.state.read("SAVED"), machine.state.read("CAUSE")) == (0x204, 0xFF000000)


def test_a_completing_interrupt_retires_and_sees_the_next_address() -> None:
    """A system call counts as retired, and NIA in its body is the address behind it."""
    machine = ToyMachine()
    machine.place(0x200, [encode("call")])
    stop = machine.engine.run(1)
    assert (stop.retired, stop.pc, machine.state.read("CAUSE")) == (1, 0x58, 0x204)


def test_leave_ends_the_run_behind_the_instruction_with_its_arguments() -> None:
    """`leave` in an interrupt that assigns no NIA goes on behind the instruction when run again."""
    machine = ToyMachine()
    machine.place(0x200, [encode("call"), encode("halt", a=5)])
    for number, value in enumerate((1, 77, 88)):
        machine.state.write("R", value, number)
    stop = machine.engine.run(100)
    assert (stop.reason, stop.exit, stop.retired) == (StopReason.EXIT, ExitTaken("called", (77, 88)), 1)
    stop = machine.engine.run(100)
    assert (stop.exit, stop.pc) == (ExitTaken("halted", (5,)), 0x208)


def test_an_interrupt_that_raises_without_end_is_a_clear_error() -> None:
    """Nesting is bounded, and the error names the interrupt and the guest's pc."""
    machine = ToyMachine()
    machine.place(0x200, [encode("flip", a=4)])
    with pytest.raises(EngineError, match=r"at pc 0x200.*endless"):
        machine.engine.run(1)
    assert machine.state.pc == 0x200


def test_a_requested_poll_comes_before_the_next_instruction() -> None:
    """The instruction that enables the input is completed, the next one does not start."""
    machine = ToyMachine()
    machine.state.write("INPUT", 1)
    machine.place(0x200, [encode("flip", a=3, imm=1), encode("li", a=2, imm=9)])
    machine.engine.run(1)
    assert machine.state.pc == 0x204, "the budget ends before the poll"
    machine.place(0x54, [encode("li", a=3, imm=1)])
    machine.state.pc = 0x204
    machine.engine.run(1)
    assert (machine.state.read("SAVED"), machine.register(2), machine.register(3)) == (0x204, 0, 1)


@pytest.mark.parametrize("portions", [[50], [1] * 50, [20, 30], [7, 19, 24]])
def test_a_timer_interrupts_at_the_same_instruction_however_the_run_is_cut(portions: list[int]) -> None:
    """`set_timer(k, at)` polls before the instruction that would be number `at`, counted from 0."""
    machine = ToyMachine()
    machine.state.write("INPUT", 1)
    machine.state.write("STATUS", 4)
    machine.place(0x54, [encode("li", a=7, imm=1), encode("halt", a=1)])
    machine.place(0x100, [encode("timer", imm=20), *LOOP])
    retired = 0
    for portion in portions:
        stop = machine.engine.run(portion)
        retired += stop.retired
        if stop.exit is not None:
            break
    assert (retired, machine.register(1), machine.register(7)) == (22, 10, 1)
    assert machine.state.read("SAVED") == 0x108


def test_a_breakpoint_stops_before_its_instruction_and_is_passed_once() -> None:
    """Running on from a reported breakpoint executes the instruction there, and stops at it the next time."""
    machine = ToyMachine()
    machine.place(0x100, LOOP)
    machine.engine.set_breakpoints(frozenset({0x104}))
    stop = machine.engine.run(100)
    assert (stop.reason, stop.pc, stop.retired) == (StopReason.BREAKPOINT, 0x104, 1)
    stop = machine.engine.run(100)
    assert (stop.reason, stop.pc, stop.retired) == (StopReason.BREAKPOINT, 0x104, 2)


def test_a_breakpoint_that_a_budget_ended_at_is_still_reported() -> None:
    """A run that merely ended at the address has not reported the breakpoint; `step_over` passes it all the same."""
    machine = ToyMachine()
    machine.place(0x100, LOOP)
    machine.engine.set_breakpoints(frozenset({0x104}))
    assert machine.engine.run(1).reason is StopReason.BUDGET
    assert machine.engine.run(1, step_over=True).retired == 1
    machine.engine.run(1)
    assert machine.engine.run(5).reason is StopReason.BREAKPOINT


def test_instruction_sets_switch_and_a_set_has_its_lengths_and_its_after_function() -> None:
    """The state picks the set; a long short-set instruction is one of 4 bytes; `after` runs for each completed one."""
    machine = ToyMachine()
    machine.place(0x100, [encode("flip", a=2)])
    machine.place(0x104, [encode("s_li", a=3, imm8=7)], 2)
    machine.ram.write_int(0x106, 4, encode("s_wide", a=4, imm=0x1234), "big")
    machine.ram.write_int(0x10A, 2, encode("s_back"), "big")
    machine.ram.write_int(0x10C, 4, encode("li", a=5, imm=-1), "big")
    machine.state.pc = 0x100
    stop = machine.engine.run(5)
    assert (stop.retired, stop.pc) == (5, 0x110)
    assert [machine.register(number) for number in (3, 4, 5)] == [7, 0x1234, 0xFFFFFFFF]
    assert machine.state.read("SHORTS") == 3


def test_a_fetch_from_an_odd_address_asks_the_hook() -> None:
    """The pc has to be aligned to the set's unit."""
    machine = ToyMachine()
    machine.state.pc = 0x102
    machine.engine.run(1)
    assert (machine.state.pc, machine.state.read("CAUSE")) == (0x44, 0x102)


def test_a_general_form_leaves_excluded_values_to_the_special_one() -> None:
    """An encoding with `except` and the one that takes the excluded value are told apart."""
    machine = ToyMachine()
    machine.place(0x100, [encode("special"), encode("general", a=2), encode("general", a=0)])
    machine.engine.run(3)
    assert (machine.register(1), machine.register(2), machine.state.pc) == (2, 1, 0x4C)


def test_reset_gives_reset_values_and_runs_the_hook() -> None:
    """The reset hook starts from reset values and says where execution begins."""
    machine = ToyMachine()
    machine.state.write("COMMON", 99)
    machine.state.write("R", 5, 1)
    machine.engine.reset()
    assert (machine.state.read("COMMON"), machine.register(1), machine.register(13)) == (7, 0, 0x1000)
    assert machine.state.pc == 0x100


def test_a_snapshot_restored_continues_identically() -> None:
    """Timers, counts and registers are all in the snapshot."""
    machine = ToyMachine()
    machine.place(0x100, [encode("timer", imm=20), *LOOP])
    machine.engine.run(7)
    snapshot = machine.state.snapshot()
    machine.engine.run(30)
    expected = machine.state.snapshot()
    machine.state.restore(snapshot)
    machine.engine.state_changed()
    machine.engine.run(30)
    assert machine.state.snapshot() == expected

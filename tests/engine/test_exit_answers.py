"""Exits and faults that somebody answers while the run goes on: it is the run that there would be without them."""

from __future__ import annotations

import pytest

from trapline.isa.engine.interface import LOAD, STORE, ExitTaken, Fault, StopReason, WatchKind, Watchpoint
from trapline.isa.engine.layout import RETIRED

from .toy import DEVICE, ToyMachine, encode

START = 0x200
COUNT = [encode("call"), encode("li", a=4, imm=1), encode("call"), encode("li", a=5, imm=2), encode("call")]


def machine_of() -> ToyMachine:
    """The toy machine; its `call` leaves with R1 and R2."""
    machine = ToyMachine()
    machine.place(START, [*COUNT, encode("halt", a=5)])
    for number, value in enumerate((1, 77, 88)):
        machine.state.write("R", value, number)
    return machine


def test_a_run_goes_on_behind_an_answered_exit() -> None:
    """Each is told once, in order, with pc and count as after a run that ended there; the last one ends the run."""
    machine = machine_of()
    told: list[tuple[tuple[int, ...], int, int]] = []

    def answer(arguments: tuple[int, ...]) -> bool:
        told.append((arguments, machine.state.pc, machine.state.read(RETIRED)))
        assert machine.engine.retired == machine.state.read(RETIRED)
        return True

    machine.engine.answer_exits({"called": answer})
    stop = machine.engine.run(100)
    assert told == [((77, 88), START + 4, 1), ((77, 88), START + 12, 3), ((77, 88), START + 20, 5)]
    assert (stop.exit, stop.steps, stop.pc) == (ExitTaken("halted", (5,)), 6, START + 24)


def test_an_answer_may_end_the_run() -> None:
    """It says no: the run ends with the exit, at the address that the answer has set."""
    machine = machine_of()

    def answer(arguments: tuple[int, ...]) -> bool:
        machine.state.pc = START + 12
        return False

    machine.engine.answer_exits({"called": answer})
    stop = machine.engine.run(100)
    assert (stop.reason, stop.exit) == (StopReason.EXIT, ExitTaken("called", (77, 88)))
    assert (stop.steps, stop.pc) == (1, START + 12)


def test_what_an_answer_changes_counts() -> None:
    """Registers and pc that the answer has set are what the run goes on with."""
    machine = machine_of()

    def answer(arguments: tuple[int, ...]) -> bool:
        machine.state.write("R", 0, 0)  # from now on calls enter their vector
        machine.state.pc = START + 12
        return True

    machine.engine.answer_exits({"called": answer})
    machine.engine.run(2)
    assert (machine.register(4), machine.register(5), machine.state.pc) == (0, 2, START + 16)


def test_budgets_and_cuts_are_exact() -> None:
    """A budget ends the run behind as many instructions, and an answer that cuts it ends it where it says."""
    for cut in range(1, 6):
        _cut_everywhere(cut)


def _cut_everywhere(cut: int) -> None:
    whole, cut_short, cut_later = (machine_of() for _ in range(3))
    whole.engine.answer_exits({"called": lambda arguments: True})
    stop = whole.engine.run(cut)
    assert (stop.reason, stop.steps, stop.pc) == (StopReason.BUDGET, cut, START + 4 * cut)

    def at_once(arguments: tuple[int, ...]) -> bool:
        cut_short.engine.cut(1, 1)
        return True

    cut_short.engine.answer_exits({"called": at_once})
    assert cut_short.engine.run(100).steps == 1

    def later(arguments: tuple[int, ...]) -> bool:
        cut_later.engine.cut(cut, 100)
        return True

    cut_later.engine.answer_exits({"called": later})
    assert cut_later.engine.run(100).steps == cut


def test_breakpoints_and_watchpoints_are_heeded_behind_an_answer() -> None:
    """As if the run had ended with the exit and begun again: nothing is passed over."""
    machine = machine_of()
    machine.engine.answer_exits({"called": lambda arguments: True})
    machine.engine.set_breakpoints(frozenset({START, START + 4}))
    assert machine.engine.run(100, step_over=True).reason is StopReason.BREAKPOINT
    assert machine.state.pc == START + 4
    machine.engine.set_breakpoints(frozenset())
    machine.engine.set_watchpoints([Watchpoint(0x1000, 4, WatchKind.WRITE)], before=True)
    assert machine.engine.run(100).exit == ExitTaken("halted", (5,))


def test_steps_answer_exits_too() -> None:
    """A step that ends in an answered exit is a step like others."""
    machine = machine_of()
    answered: list[int] = []

    def answer(arguments: tuple[int, ...]) -> bool:
        answered.append(machine.state.pc)
        return len(answered) < 2

    machine.engine.answer_exits({"called": answer})
    assert [machine.engine.step(), machine.engine.step()] == [1, 1]
    assert answered == [START + 4]
    stop = machine.engine.step()
    assert not isinstance(stop, int)
    assert stop.exit == ExitTaken("called", (77, 88))


def test_an_answer_that_fails_leaves_the_guest_between_instructions() -> None:
    """An exception of whoever answers goes to whoever runs; the instruction that left is done."""
    machine = machine_of()

    def answer(arguments: tuple[int, ...]) -> bool:
        raise KeyboardInterrupt

    machine.engine.answer_exits({"called": answer})
    with pytest.raises(KeyboardInterrupt):
        machine.engine.run(100)
    assert (machine.state.pc, machine.state.read(RETIRED)) == (START + 4, 1)
    machine.engine.answer_exits({})
    assert machine.engine.run(100).pc == START + 12


def paged() -> ToyMachine:
    """The toy machine with translation on: page 0 is there, page 3 is not, and R3 points into it."""
    machine = ToyMachine()
    machine.map_page(0, 0)
    machine.state.write("TABLE", 0x8000)
    machine.state.write("R", 0x3000, 3)
    machine.state.write("R", 0x1234, 4)
    code = [encode("load", a=5, b=3, imm=4), encode("store", a=4, b=3, imm=8), encode("load", a=6, b=3, imm=6)]
    machine.place(START, [*code, encode("load", a=7, b=3, imm=4), encode("halt", a=1)])
    machine.engine.state_changed()
    return machine


def test_whoever_is_asked_about_a_fault_says_where_the_access_goes() -> None:
    """Instead of the interrupt, the access goes to the device; each kind is asked for once, until a flush."""
    machine = paged()
    asked: list[tuple[tuple[int, ...], int]] = []

    def answer(arguments: tuple[int, ...], kind: int) -> tuple[int, int, int] | None:
        asked.append((arguments, kind))
        return DEVICE | arguments[0] & 0xFFF, 12, 1 << kind

    machine.engine.answer_faults("page_fault", answer, (1 << 32) - 1)
    machine.engine.run(3)
    assert asked == [((0x3004, LOAD), LOAD), ((0x3008, STORE), STORE)]
    one = [("read", 4, 4, 0), ("write", 8, 4, 0x34120000)]
    pieces = [("read", 6, 1, 0), ("read", 7, 1, 0), ("read", 8, 1, 0), ("read", 9, 1, 0)]
    assert machine.device.accesses == one + pieces
    machine.engine.flush_tlb()
    assert machine.engine.run(100).steps == 2
    assert len(asked) == 3
    assert machine.register(7) == 0x5A000000


def test_no_answer_raises_the_fault() -> None:
    """Also for an access that the answer has a place for the next time; and a debugger's access asks nobody."""
    machine = paged()
    kinds: list[int] = []

    def answer(arguments: tuple[int, ...], kind: int) -> tuple[int, int, int] | None:
        kinds.append(kind)
        return None

    machine.engine.answer_faults("page_fault", answer, (1 << 32) - 1)
    assert isinstance(machine.engine.translate(0x3000), Fault)
    assert not kinds
    machine.engine.run(1)
    assert (machine.state.pc, machine.state.read("CAUSE"), kinds[-1:]) == (0x40, 0x3004, [LOAD])


def test_what_is_not_to_be_kept_is_asked_for_each_time() -> None:
    """A page of which no kind may be kept: one question for each access."""
    machine = paged()
    count = [0]

    def answer(arguments: tuple[int, ...], kind: int) -> tuple[int, int, int] | None:
        count[0] += 1
        return DEVICE | arguments[0] & 0xFFF, 12, 0

    machine.engine.answer_faults("page_fault", answer, (1 << 32) - 1)
    machine.engine.run(100)
    assert len(machine.device.accesses) == 7
    assert count[0] == 4

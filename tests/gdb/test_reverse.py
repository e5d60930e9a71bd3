"""Claims about going backwards under a real gdb, on every machine: nobody asked for a recording, and it is there."""

import re
import time

import pytest

from ..patience import HANGS
from .conftest import Console, RunGdb
from .machines import EVERY, ONE_EACH, Board, serve

pytestmark = pytest.mark.gdb


@EVERY
def test_steps_back_undo_steps(run_gdb: RunGdb, board: Board) -> None:
    """Four steps forward, four back: pc, stack pointer and the counter are as before; one more goes before the stop."""
    shown = 'printf "at %#lx %#lx %ld\\n", $pc, $sp, ' + board.counter
    with serve(board) as server:
        output = run_gdb(
            server, "break store", "continue", "continue", shown, *["stepi"] * 4, shown, *["reverse-stepi"] * 4, shown,
            "reverse-stepi", shown,
        )  # fmt: skip
    assert output.errors == []
    before, ahead, again, earlier = re.findall(r"^at (.*)$", output.text, re.MULTILINE)
    assert before == again != ahead
    assert earlier not in (before, ahead)


@EVERY
def test_continuing_back_stops_at_breakpoints_and_at_the_start(run_gdb: RunGdb, board: Board) -> None:
    """The counter goes down from hit to hit; behind the first hit is the start; forward the same hits come again, and
    the last of them is the present: gdb says that its history ends there."""
    show = f"p {board.counter}"
    with serve(board) as server:
        output = run_gdb(
            server, "break store", *["continue", show] * 3, *["reverse-continue", show] * 2, "reverse-continue",
            "p $pc == _start", *["continue", show] * 3,
        )  # fmt: skip
    assert output.errors == []
    assert re.findall(r"^\$\d+ = (\d+)$", output.text, re.MULTILINE) == list("01210" + "1" + "012")
    assert output.text.count("No more reverse-execution history.") == 2


@EVERY
def test_the_end_of_what_was_done_is_told_and_the_guest_goes_on(run_gdb: RunGdb, board: Board) -> None:
    """From the past forward: gdb stops where the present is, and behind it the guest does what it had not done yet."""
    with serve(board) as server:
        output = run_gdb(
            server, "tbreak store", "continue", "reverse-continue", "continue", "p $pc == store", "continue",
        )  # fmt: skip
    assert output.errors == []
    assert output.text.count("No more reverse-execution history.") == 2
    assert "$1 = 1" in output.text
    assert "exited normally" in output.text


@EVERY
def test_who_wrote_it_last(run_gdb: RunGdb, board: Board) -> None:
    """A watchpoint, going back from the end of the loop: gdb is at the store, with the values swapped."""
    with serve(board) as server:
        output = run_gdb(
            server, "tbreak inner_end", "continue", f"watch {board.counter}", "reverse-continue", "p $pc - store",
            "reverse-continue", f"p {board.counter}",
        )  # fmt: skip
    assert output.errors == []
    assert "Old value = 3" in output.text
    assert "New value = 2" in output.text
    assert re.findall(r"^\$\d = (.*)$", output.text, re.MULTILINE) == ["0", "1"]


@EVERY
def test_functions_are_left_and_lines_are_stepped_backwards(run_gdb: RunGdb, board: Board) -> None:
    """reverse-finish goes to the call, reverse-step into what was called, reverse-next over it."""
    with serve(board) as server:
        output = run_gdb(
            server, "tbreak inner_end", "continue", "reverse-finish", "p $pc == call_inner",
            "tbreak finish", "continue", "reverse-next", "frame", "p $pc < finish",
        )  # fmt: skip
    assert output.errors == []
    assert re.findall(r"^\$\d = (.*)$", output.text, re.MULTILINE) == ["1", "1"]


@EVERY
def test_a_condition_is_heeded_backwards(run_gdb: RunGdb, board: Board) -> None:
    """Only the hit at which it holds stops."""
    counter = board.counter.replace("&counter", hex(board.elf().symbols["counter"]))
    with serve(board) as server:
        output = run_gdb(
            server, "tbreak inner_end", "continue", f"break store if {counter} == 1", "reverse-continue", f"p {counter}"
        )
    assert output.errors == []
    assert "$1 = 1" in output.text


@EVERY
def test_a_change_in_the_past_begins_another_future_and_says_so(run_gdb: RunGdb, board: Board) -> None:
    """The counter is set in the past: from there on the guest counts on from it, and no end of a history is met."""
    with serve(board) as server:
        output = run_gdb(
            server, "break store", "continue", "continue", "reverse-continue", f"set var {board.counter} = 40",
            "tbreak inner_end", "delete 1", "continue", f"p {board.counter}",
        )  # fmt: skip
    assert len(output.errors) == 1
    assert "another future begins there" in output.errors[0]
    assert "No more reverse-execution history." not in output.text
    # At the store the old value is in a register already: the next turn counts on from 1, not from 40.
    assert "$1 = 3" in output.text


@EVERY
def test_the_last_write_is_one_question(run_gdb: RunGdb, board: Board) -> None:
    """Of memory and of a register: the instruction, its place in the program, and the moment; nothing has moved."""
    counter = hex(board.elf().symbols["counter"])
    register = "$GPR[5]" if board.is_power else "$R[5]"
    with serve(board) as server:
        output = run_gdb(
            server, "tbreak inner_end", "continue", f"monitor last-write {counter} {board.word}",
            f"monitor last-write {register}", "monitor last-write 0x10", "p $pc == inner_end", "monitor history",
        )  # fmt: skip
    assert "$1 = 1" in output.text
    text = "\n".join([output.text, *output.errors])
    assert "<store>" in text
    assert text.count("is before it") >= 1
    assert "nothing has written" in text
    assert "the present" in text


@EVERY
def test_moments_have_names_and_numbers(run_gdb: RunGdb, board: Board) -> None:
    """A bookmark, the start and the present can be gone to; what there is not is refused with what there is."""
    show = f"p {board.counter}"
    flush = "maintenance flush register-cache"
    with serve(board) as server:
        output = run_gdb(
            server, "break store", "continue", "continue", "monitor bookmark second", "continue", show,
            "monitor goto second", flush, show, "monitor goto start", flush, "p $pc == _start", "monitor goto present",
            flush, show, "monitor goto nowhere", "monitor goto 99999999", "monitor bookmark 7",
        )  # fmt: skip
    assert re.findall(r"^\$\d+ = (\d+)$", output.text, re.MULTILINE) == ["2", "1", "1", "2"]
    text = "\n".join([output.text, *output.errors])
    assert "there is no bookmark 'nowhere'" in text
    assert "the history goes from instruction 0 to" in text
    assert "take another name" in text


@ONE_EACH
def test_far_back_and_stopped_on_the_way(console: Console, board: Board) -> None:
    """A second of a hot loop: back to its begin; Ctrl-C ends the way back, wherever it has come to."""
    with serve(board) as server:
        console.type("set remotetimeout 60")
        console.type(f"target remote {server.address.gdb_argument}")
        console.type("set var $pc = spin")
        console.start("continue", "Continuing.")
        time.sleep(1)
        console.interrupt()
        turns = _number(console.type(f"p/d ${board.spinning}"))
        assert turns > 1000
        console.type("reverse-stepi")
        console.type("reverse-stepi")
        earlier = _number(console.type(f"p/d ${board.spinning}"))
        assert turns - 2 <= earlier <= turns
        console.start("reverse-continue", "Continuing.")
        began = time.monotonic()
        text = console.interrupt()
        assert time.monotonic() - began < HANGS
        assert "SIGINT" in text or "No more reverse-execution history" in text
        assert _number(console.type(f"p/d ${board.spinning}")) <= earlier


@ONE_EACH
def test_two_vcpus_go_back_together(run_gdb: RunGdb, board: Board) -> None:
    """A step back of one thread undoes what the other did meanwhile; the first one's registers are as before."""
    with serve(board, vcpus=2) as server:
        output = run_gdb(
            server, "break store", "continue", "p/x $pc", *["stepi"] * 3, *["reverse-stepi"] * 3, "p/x $pc",
            "info threads",
        )  # fmt: skip
    assert output.errors == []
    first, again = re.findall(r"^\$\d = (.*)$", output.text, re.MULTILINE)
    assert first == again


def _number(text: str) -> int:
    """What gdb has printed, behind its escape sequences."""
    found = re.search(r"\$\d+ = (\d+)", text)
    assert found is not None, text
    return int(found[1])

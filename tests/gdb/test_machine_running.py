"""Claims about running real machines under gdb: breakpoints, source lines, watchpoints, Ctrl-C, the end."""

import re
import time
from pathlib import Path

import pytest
from pygdbmi.gdbcontroller import GdbController

from trapline.server.rsp.transcript import Recorder

from ..patience import HANGS
from .conftest import GDB, Console, RunGdb
from .machines import EVERY, ONE_EACH, POWER_BARE, PSERIES, Board, serve

pytestmark = pytest.mark.gdb


@EVERY
@pytest.mark.parametrize("command", ["break store", "hbreak store"])
def test_a_breakpoint_is_hit_each_time_round(run_gdb: RunGdb, board: Board, command: str) -> None:
    """Three times, with the counter one higher each time, and then the guest's end."""
    show = f"p {board.counter}"
    with serve(board) as server:
        output = run_gdb(server, command, *["continue", show] * 3, "info breakpoints", "continue")
    assert output.errors == []
    assert re.findall(r"^\$\d = (\d)$", output.text, re.MULTILINE) == ["0", "1", "2"]
    assert "already hit 3 times" in output.text
    assert "exited normally" in output.text


@EVERY
def test_a_condition_stops_once(run_gdb: RunGdb, board: Board) -> None:
    """The server evaluates it: no other stop reaches gdb."""
    with serve(board) as server:
        output = run_gdb(
            server, f"break store if {_compiled(board)} == 2", "continue", "info breakpoints", f"p {board.counter}"
        )
    assert output.errors == []
    assert "already hit 1 time" in output.text
    assert "target evals" in output.text
    assert "$1 = 2" in output.text


def _compiled(board: Board) -> str:
    """The counter by its address: gdb compiles no expression with a symbol that has no type."""
    return board.counter.replace("&counter", hex(board.elf().symbols["counter"]))


@ONE_EACH
def test_dprintf_prints_and_goes_on(run_gdb: RunGdb, board: Board) -> None:
    """At each hit, and never stops; `ignore` skips the hits of a breakpoint."""
    with serve(board) as server:
        output = run_gdb(
            server,
            "break inner_end",
            f'dprintf store,"counter %d\\n", {board.counter}',
            "ignore 1 1",
            "continue",
        )
    assert output.errors == []
    for value in range(3):
        assert f"counter {value}" in output.text
    assert "exited normally" in output.text


@EVERY
def test_temporary_breakpoints_until_and_advance(run_gdb: RunGdb, board: Board) -> None:
    """`tbreak` goes after its hit; `until` leaves the loop at whose end it stands; `advance` stops at a place."""
    end = "long)$pc == (long)&inner_end"
    with serve(board) as server:
        output = run_gdb(
            server,
            "tbreak store",
            "continue",
            "info breakpoints",
            *["until"] * 4,
            f"p ({end}",
            "monitor reset",
            "maintenance flush register-cache",
            "advance inner_end",
            f"p ({end}",
        )
    assert "No breakpoints or watchpoints." in output.text
    assert "$1 = 1" in output.text
    assert "$2 = 1" in output.text


@EVERY
def test_next_goes_over_a_call_and_step_into_it(run_gdb: RunGdb, board: Board) -> None:
    """`next` comes back behind the call with its work done; `finish` comes back to the caller."""
    with serve(board) as server:
        output = run_gdb(
            server,
            "break call_inner",
            "continue",
            "next",
            f"p {board.counter}",
            "monitor reset",
            "maintenance flush register-cache",
            "continue",
            "step",
            "finish",
            f"p ${board.argument}",
        )
    assert "$1 = 3" in output.text
    stops = [line.partition(" at ")[0] for line in output.text.splitlines() if " at " in line]
    assert stops[-2:] == ["inner ()", "outer ()"]
    assert "$2 = 3" in output.text


@ONE_EACH
def test_a_line_of_several_instructions_is_one_range_step(tmp_path: Path, run_gdb: RunGdb, board: Board) -> None:
    """`step` sends one `vCont;r` with the line's addresses, so the server steps, not gdb."""
    file = tmp_path / "packets"
    with Recorder(file) as recorder, serve(board, recorder=recorder) as server:
        output = run_gdb(server, "break store", "continue", "delete", "set $pc = trap_line", "step", "info symbol $pc")
    assert output.errors == []
    assert "after_line in section .text" in output.text
    first = board.elf().symbols["trap_line"]
    resumed = [line for line in file.read_text().splitlines() if "vCont;" in line]
    assert f"vCont;r{first:x},{first + 12:x}" in resumed[-1]


@EVERY
def test_a_watchpoint_shows_old_and_new_value(run_gdb: RunGdb, board: Board) -> None:
    """Each store once, and the instruction after the store is next."""
    with serve(board) as server:
        output = run_gdb(server, f"watch {board.counter}", "continue", "x/i $pc", "continue")
    assert output.errors == []
    assert "Old value = 0\nNew value = 1" in output.text
    assert "Old value = 1\nNew value = 2" in output.text
    assert ("addi    r5,r5,1" if board.is_power else "add\tr2, r2, #1") in output.last_instruction


@EVERY
@pytest.mark.parametrize("command", ["rwatch", "awatch"])
def test_reads_are_seen(run_gdb: RunGdb, board: Board, command: str) -> None:
    """By read and by access watchpoints: the load first; the store is for `awatch` alone."""
    with serve(board) as server:
        output = run_gdb(server, f"{command} {board.counter}", "continue", "x/i $pc", "continue", "x/i $pc")
    assert output.errors == []
    after_load = "addi    r6,r6,1" if board.is_power else "add\tr3, r3, #1"
    after_store = "addi    r5,r5,1" if board.is_power else "add\tr2, r2, #1"
    shown = [line for line in output.text.splitlines() if line.startswith("=>")]
    assert after_load in shown[0]
    assert (after_load if command == "rwatch" else after_store) in shown[1]


@EVERY
def test_ctrl_c_stops_a_spinning_guest(console: Console, board: Board) -> None:
    """SIGINT soon, as often as one likes, and the guest has run in between."""
    with serve(board) as server:
        console.type(server.connect_hint())
        console.type("break store")
        console.type("continue")
        console.type("set $pc = spin")
        for _ in range(2):
            console.start("continue", "Continuing.")
            time.sleep(0.05)
            begin = time.monotonic()
            assert "Program received signal SIGINT" in console.interrupt()
            assert time.monotonic() - begin < 2
        assert "$1 = 1" in console.type(f"p ${board.spinning} > 100")


@pytest.mark.usefixtures("gdb_installed")
@ONE_EACH
def test_a_front_end_interrupts_through_mi(board: Board) -> None:
    """`-exec-interrupt` in asynchronous mode, as IDEs do it; the stop names the signal and the function."""
    controller = GdbController(
        [GDB, "--nx", "--quiet", "--interpreter=mi3"], time_to_check_for_additional_output_sec=0.05
    )
    try:
        with serve(board) as server:
            controller.write("-gdb-set mi-async on", timeout_sec=20)
            controller.write(f"-target-select remote {server.address.gdb_argument}", timeout_sec=20)
            controller.write("-exec-jump spin", timeout_sec=20)
            records = controller.write("-exec-interrupt", timeout_sec=20)
            end = time.monotonic() + HANGS
            while not (stops := [r for r in records if r["message"] == "stopped"]) and time.monotonic() < end:
                records = controller.get_gdb_response(timeout_sec=1, raise_error_on_timeout=False)
            assert stops[-1]["payload"]["signal-name"] == "SIGINT"
            assert stops[-1]["payload"]["frame"]["func"] == "spin"
    finally:
        controller.exit()


@EVERY
@pytest.mark.parametrize(("value", "said"), [(0, "exited normally"), (1, "exited with code 01")])
def test_the_verdict_is_the_exit_code(run_gdb: RunGdb, board: Board, value: int, said: str) -> None:
    """PASS on the console and off: normal; FAIL: code 1. Nothing can be done to what has ended."""
    with serve(board) as server:
        output = run_gdb(server, "break finish", "continue", f"set ${board.argument} = {value}", "continue", "stepi")
    assert f"[Inferior 1 (process 1) {said}]" in output.text
    assert output.errors == ["The program is not being run."]


@EVERY
def test_a_guest_that_dies_exits_with_its_own_code(run_gdb: RunGdb, board: Board) -> None:
    """`kill` ends the partition; the server says so to whoever comes next."""
    with serve(board) as server:
        output = run_gdb(server, "break store", "continue", "kill", "info threads")
        assert output.errors == []
        assert "[Inferior 1 (process 1) killed]" in output.text
        assert "No threads." in output.text


@EVERY
def test_detaching_keeps_the_state(run_gdb: RunGdb, board: Board) -> None:
    """A held guest goes on where it was: the next gdb finds it further, not back at the start."""
    with serve(board) as server:
        first = run_gdb(server, "break store", "continue", "delete", "set $pc = spin", "detach")
        second = run_gdb(server, "info symbol $pc", f"p {board.counter}")
    assert first.errors == second.errors == []
    assert "spin" in second.text
    assert "$1 = 0" in second.text


@EVERY
def test_reset_puts_the_guest_back_to_its_start(run_gdb: RunGdb, board: Board) -> None:
    """Registers and memory as at first; breakpoints stay and are hit again."""
    with serve(board) as server:
        output = run_gdb(
            server,
            "break inner_end",
            "continue",
            f"p {board.counter}",
            "monitor reset",
            "maintenance flush register-cache",
            "p $pc == _start",
            f"p {board.counter}",
            "continue",
        )
    assert "$1 = 3" in output.text
    assert "$2 = 1" in output.text
    assert "$3 = 0" in output.text
    assert output.text.count("Breakpoint 1, ") == 2


@ONE_EACH
def test_run_starts_the_guest_again(run_gdb: RunGdb, board: Board) -> None:
    """In extended mode `run` begins anew, and breakpoints are in place."""
    with serve(board) as server:
        output = run_gdb(
            server,
            "break inner_end",
            "continue",
            "set remote exec-file /guest/guest.elf",
            "run",
            f"p {board.counter}",
            connect="target extended-remote",
        )
    assert output.errors == []
    assert "$1 = 3" in output.text


@pytest.mark.parametrize("board", [PSERIES, POWER_BARE], ids=lambda board: board.name)
def test_a_step_over_a_breakpoint_does_not_skip_the_next(run_gdb: RunGdb, board: Board) -> None:
    """Breakpoints at two instructions in a row are both hit."""
    with serve(board) as server:
        output = run_gdb(server, "break store", "break *(store+4)", "continue", "continue", "stepi", "x/i $pc")
    assert output.errors == []
    assert "Breakpoint 1, " in output.text
    assert "Breakpoint 2, " in output.text
    assert "cmpd" in output.last_instruction

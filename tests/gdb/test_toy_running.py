"""Claims about running under gdb-multiarch: steps, breakpoints, watchpoints, history, Ctrl-C."""

import time

import pytest
from pygdbmi.gdbcontroller import GdbController

from trapline.server.rsp.execution import ThreadId

from ..patience import HANGS
from ..rsp.fake_target import FullToyTarget
from ..rsp.serving import serving
from ..rsp.toy_arch import ARM, NOP, POWER, ToyArch
from .conftest import GDB, Console, RunGdb

pytestmark = pytest.mark.gdb
FIRST = ThreadId(1, 1)
BOTH = pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)


@BOTH
def test_stepi_steps_one_instruction(run_gdb: RunGdb, arch: ToyArch) -> None:
    """By stepping, not by breakpoints."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        output = run_gdb(server, "stepi", "x/i $pc", "stepi 4", "x/i $pc")
    assert output.errors == []
    assert "<loop_nop>" in output.text
    assert "<loop_end>" in output.text
    assert not any(call.startswith("insert") for call in target.calls)


@BOTH
@pytest.mark.parametrize("command", ["break *load_counter", "hbreak *load_counter"])
def test_a_breakpoint_is_hit_each_time_round(run_gdb: RunGdb, arch: ToyArch, command: str) -> None:
    """And gdb gets past it with ``continue``."""
    with serving(FullToyTarget(arch)) as server:
        output = run_gdb(server, command, "continue", "continue", "continue", "p $r3", "info breakpoints")
    assert output.errors == []
    assert output.text.count("Breakpoint 1, 0x") == 3
    assert "$1 = 3" in output.text
    assert "already hit 3 times" in output.text


@BOTH
def test_a_condition_is_left_to_the_server(run_gdb: RunGdb, arch: ToyArch) -> None:
    """It stops once, at the right value, and gdb's own check agrees."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        output = run_gdb(
            server,
            "break *pause if $r3 == 40 && *(int *)0x8000 == 40",
            "continue",
            "p $r3",
            "info breakpoints",
        )
    assert output.errors == []
    assert "$1 = 40" in output.text
    assert "already hit 1 time" in output.text
    assert "target evals" in output.text


@BOTH
def test_a_watchpoint_shows_old_and_new_value(run_gdb: RunGdb, arch: ToyArch) -> None:
    """Each change once, with pc right after the store, on Power as on Arm."""
    with serving(FullToyTarget(arch)) as server:
        output = run_gdb(server, "watch *(int *)0x8000", "continue", "continue", "x/i $pc")
    assert output.errors == []
    assert "Old value = 0\nNew value = 1" in output.text
    assert "Old value = 1\nNew value = 2" in output.text
    assert "<load_counter>" in output.last_instruction


@BOTH
@pytest.mark.parametrize("command", ["rwatch", "awatch"])
def test_a_read_is_seen(run_gdb: RunGdb, arch: ToyArch, command: str) -> None:
    """By read and access watchpoints; the instruction after the load is next."""
    with serving(FullToyTarget(arch)) as server:
        output = run_gdb(server, "tbreak *load_counter", "continue", f"{command} *(int *)0x8000", "continue", "x/i $pc")
    assert output.errors == []
    assert "alue = 1" in output.text
    assert "<pause>" in output.last_instruction


def test_no_watchpoint_left_is_told(run_gdb: RunGdb) -> None:
    """gdb says that the third of two could not be inserted."""
    with serving(FullToyTarget(POWER)) as server:
        watches = [f"watch *(int *){at:#x}" for at in (0x8000, 0x8004, 0x8008)]
        output = run_gdb(server, *watches, "continue")
    assert any("Could not insert hardware watchpoint 3" in line for line in output.errors)


@BOTH
def test_gdb_goes_back_in_time(run_gdb: RunGdb, arch: ToyArch) -> None:
    """reverse-stepi, reverse-continue to a breakpoint, and to the start of history."""
    with serving(FullToyTarget(arch)) as server:
        output = run_gdb(
            server,
            "stepi 9",
            "reverse-stepi",
            "x/i $pc",
            "break *loop_nop",
            "reverse-continue",
            "x/i $pc",
            "delete",
            "reverse-continue",
            "x/i $pc",
        )
    assert output.errors == []
    assert "Breakpoint 1, 0x" in output.text
    assert "No more reverse-execution history." in output.text
    assert "<loop>" in output.last_instruction


@BOTH
def test_ctrl_c_stops_a_running_guest(console: Console, arch: ToyArch) -> None:
    """SIGINT, soon, as often as one likes."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        console.type(server.connect_hint())
        for _ in range(3):
            console.start("continue", "Continuing.")
            time.sleep(0.05)
            begin = time.monotonic()
            assert "Program received signal SIGINT" in console.interrupt()
            assert time.monotonic() - begin < 2
        assert target.get(FIRST, 3) > 0


def test_a_console_session_goes_on_after_errors(console: Console) -> None:
    """An error of a command is not the end of the connection."""
    with serving(FullToyTarget(POWER)) as server:
        console.type(server.connect_hint())
        assert "Cannot access memory" in console.type("x/x 0")
        assert "read-only" in console.type("set $toypvr = 0")
        console.type("break *0")
        assert "Cannot insert breakpoint" in console.type("continue")
        console.type("delete")
        assert "loop_nop" in console.type("stepi")


def test_powered_off_vcpus_do_not_hang_gdb(console: Console) -> None:
    """Stepping one says why it cannot be, and the prompt comes back."""
    with serving(FullToyTarget(POWER)) as server:
        console.type(server.connect_hint())
        console.type("monitor power off")
        assert "powered off" in console.type("info threads")
        assert "No vcpu that was resumed can run" in console.type("stepi")
        console.type("monitor power on")
        assert "loop_nop" in console.type("stepi")


def test_run_starts_again(run_gdb: RunGdb) -> None:
    """``run`` in extended mode kills what there is and starts from reset, with breakpoints in place."""
    with serving(FullToyTarget(POWER)) as server:
        output = run_gdb(
            server,
            "stepi 20",
            "break *pause",
            "set remote exec-file /partition1/toy.elf",
            "run",
            "p $r3",
            connect="target extended-remote",
        )
    assert output.errors == []
    assert "$1 = 1" in output.text


@BOTH
def test_vcpus_are_threads_of_their_own(run_gdb: RunGdb, arch: ToyArch) -> None:
    """Registers, steps and breakpoints of the second do not touch the first."""
    target = FullToyTarget(arch, vcpus=2)
    with serving(target) as server:
        output = run_gdb(
            server,
            "set scheduler-locking on",
            "thread 2",
            "set $r3 = 7",
            "stepi",
            "break *load_counter thread 2",
            "continue",
            "p $r3",
            "thread 1",
            "p $r3",
            "x/i $pc",
        )
    assert output.errors == []
    assert "$1 = 8" in output.text
    assert "$2 = 0" in output.text
    assert "<loop>" in output.last_instruction


def test_an_exit_is_reported(run_gdb: RunGdb) -> None:
    """With its status."""
    with serving(FullToyTarget(ARM)) as server:
        output = run_gdb(server, "monitor exit 3", "continue")
    assert "[Inferior 1 (process 1) exited with code 03]" in output.text


@pytest.mark.usefixtures("gdb_installed")
def test_a_front_end_gets_stops_as_records() -> None:
    """Through GDB/MI, as IDEs do: a breakpoint hit names the breakpoint and the address."""
    controller = GdbController(
        [GDB, "--nx", "--quiet", "--interpreter=mi3"], time_to_check_for_additional_output_sec=0.1
    )
    try:
        with serving(FullToyTarget(POWER)) as server:
            controller.write(f"-target-select remote {server.address.gdb_argument}", timeout_sec=20)
            controller.write(f"-break-insert *{NOP:#x}", timeout_sec=20)
            records = controller.write("-exec-continue", timeout_sec=20)
            end = time.monotonic() + HANGS
            stops = [record for record in records if record["message"] == "stopped"]
            while not stops and time.monotonic() < end:
                more = controller.get_gdb_response(timeout_sec=1, raise_error_on_timeout=False)
                stops = [record for record in more if record["message"] == "stopped"]
            assert stops[0]["payload"]["reason"] == "breakpoint-hit"
            assert int(stops[0]["payload"]["frame"]["addr"], 16) == NOP
    finally:
        controller.exit()

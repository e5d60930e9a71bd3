"""`trapline run` and `trapline serve`. Everything heavy is imported inside the commands."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Command, Option, echo
from .loading_options import Files
from .option_groups import grouped
from .options import MachineChoice, RunAnswers, RunBounds
from .replaying import replay

if TYPE_CHECKING:
    import typer

    from ..isa.model.items import Description
    from .boards.machine import Machine
    from .target import MachineTarget


def run(
    files: Files,
    board: MachineChoice,
    bounds: RunBounds,
    answers: RunAnswers,
) -> None:
    """Run a guest with its console on this terminal (Ctrl-] leaves).

    Exit status: 0 passed (the guest said so: PASS, TAP, EXIT: STATUS=1, an exit status of 0), 1 failed, 2 wrong usage,
    3 instructions used up, 4 the guest or the model died, 5 every vcpu waits for nothing, 6 left by the user, 7 it runs
    wild, 8 switched off and told no verdict, 9 asked for a reset, 10 seconds used up, 77 everything skipped.
    With --expect: 0 if the run came to that.
    """
    from ..isa.progress import shown_progress
    from .boards.registry import build_machine
    from .result import ConsoleTail, Result
    from .run_on_terminal import run_on_terminal

    # What is wrong with these is told before a guest is loaded.
    expected, limits = answers.expectation(), bounds.limits()
    with shown_progress() as progress:
        made = build_machine(files.request(), board.machine, board.options(files.append), progress)
    if files.dump_dtb is not None:
        _dump_tree(made, files.dump_dtb)
    tail = ConsoleTail()
    made.console.add_sink(tail.feed)
    out = sys.stderr if answers.json else sys.stdout
    out.flush()
    began = time.perf_counter()
    verdict = run_on_terminal(made, limits, sys.stdin.fileno(), out.fileno())
    seconds = time.perf_counter() - began
    failure = made.said.failure
    status = expected.exit_status(verdict, failure)
    if answers.stats:
        _print_statistics(made, seconds)
    if status != 0 or answers.stats or verdict.status != 0:
        missed = "" if expected.is_met(verdict, failure) or not answers.expect else f"; expected: {expected}"
        echo(f"trapline: {verdict}{missed}", err=True)
    if answers.json:
        echo(Result.of(made, verdict, seconds, tail).as_json(expected))
    raise SystemExit(status)


def serve(
    files: Files,
    board: MachineChoice,
    gdb: Annotated[str, Option("--gdb", help="Where to listen: tcp:HOST:PORT or unix:PATH.")] = "tcp:127.0.0.1:0",
    allow_remote: Annotated[
        bool, Option("--allow-remote", help="Let other machines reach the server: nothing asks them for a password.")
    ] = False,
    wait: Annotated[
        bool, Option("--wait", help="Hold the guest at its entry point until gdb has attached and lets it go.")
    ] = False,
    once: Annotated[bool, Option("--once", help="End with the first client.")] = False,
    console: Annotated[Path | None, Option(help="File for the guest's console; else standard output.")] = None,
    watch: Annotated[
        bool, Option("--watch", help="Whenever a file of the description is saved, the machine goes on with it.")
    ] = False,
    packets: Annotated[Path | None, Option(help="Record the protocol's packets in a file.")] = None,
    record: Annotated[
        Path | None, Option(help="Record the run in a file, at the server's end: `trapline replay` does it again.")
    ] = None,
) -> None:
    """Run a guest that gdb can attach to.

    Attaching stops the guest, detaching lets it go on. Exit status: as of `run`; 0 if the guest has not ended.
    """
    import contextlib

    from ..isa.progress import shown_progress
    from .boards.registry import build_machine
    from .rsp.endpoint import Endpoint
    from .rsp.transcript import Recorder
    from .serving import GuestServer, describe_place
    from .target import MachineTarget
    from .timeline.recording import Origin, check_place

    # What is wrong with these is told before a guest is loaded.
    endpoint = Endpoint.parse(gdb)
    endpoint.check(allow_remote)
    if record is not None:
        check_place(record)
    options, request = board.options(files.append), files.request()
    if not endpoint.is_loopback():
        _tell(f"whoever can reach {endpoint} may read and change everything in the guest: nobody asks for a password")
    with contextlib.ExitStack() as stack:
        out = sys.stdout.buffer if console is None else stack.enter_context(console.open("wb"))

        def show(data: bytes) -> None:
            out.write(data)
            out.flush()

        description: Description | None = None

        def make() -> "Machine":
            nonlocal description
            with shown_progress() as progress:
                made = build_machine(request, board.machine, options, progress, description)
            description = made.description
            made.console.add_sink(show, shows=True)
            made.pace_idle(_wait)
            return made

        def take(changed: "Description") -> None:
            nonlocal description
            description = changed

        target = MachineTarget(make)
        target.on_description = take
        if watch:
            target.watch_description(_tell, always=True)
        if record is not None or options.semihosting_folder is None:
            target.record(Origin.of(request, options))
        if files.dump_dtb is not None:
            _dump_tree(target.machine, files.dump_dtb)
        recorder = stack.enter_context(Recorder(packets)) if packets is not None else None
        server = GuestServer(target, endpoint, hold=wait, recorder=recorder, tell=_tell, allow_remote=allow_remote)
        stack.callback(server.close)
        if record is not None:
            stack.callback(_record, target, record)
        echo(describe_place(server, target.machine.NAME, request.title, wait), err=True)
        verdict = server.run(once)
    if verdict is not None:
        echo(f"trapline: {verdict}", err=True)
    raise SystemExit(0 if verdict is None else verdict.status)


def _record(target: "MachineTarget", path: Path) -> None:
    from .timeline.recording import recording_of, write_recording

    target.timeline.return_to_present()
    write_recording(recording_of(target.timeline, target.require_origin()), path)
    _tell(f"{path} has the run: trapline replay {path}")


def _wait(seconds: float) -> bool:
    """A debugger, or nobody yet, is what is attached: nothing comes in but what it does between two slices."""
    time.sleep(seconds)
    return False


def _tell(text: str) -> None:
    echo(f"trapline: {text}", err=True)


def machines() -> None:
    """List the machines and their cores."""
    from .boards.registry import MACHINES, described_boards

    for board in (*MACHINES.values(), *described_boards()):
        echo(f"{board.NAME:<12} {board.SUMMARY}; cores {', '.join(board.CORES)}")


def _dump_tree(machine: "Machine", path: Path) -> None:
    """Writes the device tree, and ends: as QEMU's dumpdtb does."""
    from ..isa.errors import TraplineError

    if machine.tree is None:
        raise TraplineError(f"machine '{machine.NAME}' has no device tree", "leave --dump-dtb out")
    path.write_bytes(machine.tree)
    echo(f"{path}: {len(machine.tree)} bytes; dtc -I dtb {path} shows them", err=True)
    raise SystemExit(0)


def _print_statistics(machine: "Machine", host_seconds: float) -> None:
    figures = machine.statistics()
    echo(f"instructions  {figures.instructions} ({', '.join(map(str, figures.per_vcpu))})", err=True)
    echo(f"guest time    {figures.guest_seconds:.9f} s", err=True)
    rate = figures.instructions / host_seconds / 1e6
    echo(f"host time     {host_seconds:.3f} s, {rate:.1f} million instructions/s", err=True)
    for reason, count in figures.exits.items():
        echo(f"exits         {count:>8}  {reason}", err=True)
    for kind, count in figures.python.items():
        echo(f"asked Python  {count:>8}  {kind}", err=True)
    for line in machine.diagnosis.count_lines():
        echo(f"interrupts    {line}", err=True)


def gdbinit() -> None:
    """Print a script for gdb: commands and printers that know the monitor. gdb reads it by `source FILE`."""
    from .gdb_script import script

    echo(script().rstrip())


COMMANDS = (
    Command("run", run, grouped),
    Command("serve", serve, grouped),
    Command("replay", replay),
    Command("gdbinit", gdbinit),
    Command("machines", machines),
)


def register(app: "typer.Typer") -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)

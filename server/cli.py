"""`trapline run` and `trapline serve`. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Command, Option, echo
from .option_groups import grouped
from .options import MachineChoice

if TYPE_CHECKING:
    import typer

    from .boards.machine import Machine
    from .verdict import Verdict

Guest = Annotated[Path, Argument(help="An ELF program.")]


def run(
    guest: Guest,
    board: MachineChoice,
    max_instructions: Annotated[int | None, Option(min=1, help="End the run after so many.")] = None,
    stats: Annotated[bool, Option("--stats", help="Print figures of the run to standard error.")] = False,
) -> None:
    """Run a guest with its console on this terminal (Ctrl-] leaves).

    Exit status: 0 passed (switched off, no FAIL on its console), 1 failed, 2 wrong usage, 3 instructions used up,
    4 the guest or the model died, 5 every vcpu waits for nothing, 6 left by the user.
    """
    from ..isa.progress import shown_progress
    from .boards.registry import build_machine

    with shown_progress() as progress:
        made = build_machine(guest, board.machine, board.options(), progress)
    began = time.perf_counter()
    verdict = _run_on_terminal(made, max_instructions)
    if stats:
        _print_statistics(made, time.perf_counter() - began)
    if verdict.status != 0 or stats:
        echo(f"trapline: {verdict}", err=True)
    raise SystemExit(verdict.status)


def serve(
    guest: Guest,
    board: MachineChoice,
    gdb: Annotated[str, Option("--gdb", help="Where to listen: tcp:HOST:PORT or unix:PATH.")] = "tcp:127.0.0.1:0",
    wait: Annotated[
        bool, Option("--wait", help="Hold the guest at its entry point until gdb has attached and lets it go.")
    ] = False,
    once: Annotated[bool, Option("--once", help="End with the first client.")] = False,
    console: Annotated[Path | None, Option(help="File for the guest's console; else standard output.")] = None,
    packets: Annotated[Path | None, Option(help="Record the protocol's packets in a file.")] = None,
) -> None:
    """Run a guest that gdb can attach to.

    Attaching stops the guest, detaching lets it go on. Exit status: as of `run`; 0 if the guest has not ended.
    """
    import contextlib

    from ..isa.errors import TraplineError
    from ..isa.progress import shown_progress
    from .boards.registry import build_machine
    from .machine.elf import load_elf
    from .rsp.endpoint import Endpoint, EndpointError
    from .rsp.transcript import Recorder
    from .serving import GuestServer, describe_place
    from .target import MachineTarget

    options = board.options()
    elf = load_elf(guest)
    with contextlib.ExitStack() as stack:
        out = sys.stdout.buffer if console is None else stack.enter_context(console.open("wb"))

        def show(data: bytes) -> None:
            out.write(data)
            out.flush()

        def make() -> Machine:
            with shown_progress() as progress:
                made = build_machine(elf, board.machine, options, progress)
            made.console.add_sink(show)
            return made

        target = MachineTarget(make)
        recorder = stack.enter_context(Recorder(packets)) if packets is not None else None
        try:
            server = GuestServer(target, Endpoint.parse(gdb), hold=wait, recorder=recorder)
        except EndpointError as error:
            raise TraplineError(str(error), "free ports of 127.0.0.1 are taken by default") from error
        stack.callback(server.close)
        echo(describe_place(server, target.machine.NAME, guest, wait), err=True)
        verdict = server.run(once)
    if verdict is not None:
        echo(f"trapline: {verdict}", err=True)
    raise SystemExit(0 if verdict is None else verdict.status)


def machines() -> None:
    """List the machines and their cores."""
    from .boards.registry import MACHINES

    for board in MACHINES.values():
        echo(f"{board.NAME:<12} {board.SUMMARY}; cores {', '.join(board.CORES)}")


def _run_on_terminal(machine: Machine, max_instructions: int | None) -> Verdict:
    from .boards.machine import SLICE_SECONDS
    from .boards.scheduler import Idle
    from .machine.terminal import Typed, bound_terminal
    from .verdict import Outcome, Verdict

    with bound_terminal(machine.console, sys.stdin.fileno(), sys.stdout.fileno()) as terminal:
        state = Typed.NOTHING
        while machine.verdict is None:
            left = None if max_instructions is None else max_instructions - machine.steps
            if left is not None and left <= 0:
                return Verdict(Outcome.BUDGET, f"still running after {max_instructions} instructions")
            idle = isinstance(machine.run_slice(left, seconds=SLICE_SECONDS), Idle)
            # A person may still type something; a pipe that has ended will not.
            if idle and (not terminal.is_tty or machine.said.last is not None) and state is not Typed.INPUT:
                machine.end_idle()
                break
            state = terminal.poll(0.05 if idle else 0.0)
            if state is Typed.LEAVE:
                return Verdict(Outcome.LEFT, "left by Ctrl-]")
        assert machine.verdict is not None
        return machine.verdict


def _print_statistics(machine: Machine, host_seconds: float) -> None:
    figures = machine.statistics()
    echo(f"instructions  {figures.instructions} ({', '.join(map(str, figures.per_vcpu))})", err=True)
    echo(f"guest time    {figures.guest_seconds:.9f} s", err=True)
    rate = figures.instructions / host_seconds / 1e6
    echo(f"host time     {host_seconds:.3f} s, {rate:.1f} million instructions/s", err=True)
    for reason, count in figures.exits.items():
        echo(f"exits         {count:>8}  {reason}", err=True)


COMMANDS = (Command("run", run, grouped), Command("serve", serve, grouped), Command("machines", machines))


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)

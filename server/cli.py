"""`trapline run` and `trapline serve`. Everything heavy is imported inside the commands."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .loading_options import Files
from .option_groups import grouped
from .options import MachineChoice

if TYPE_CHECKING:
    from .boards.machine import Machine
    from .verdict import Verdict

def register(app: typer.Typer) -> None:
    """Adds the commands of this folder."""
    app.command("run")(grouped(run))
    app.command("serve")(grouped(serve))
    app.command("machines")(machines)


def run(
    files: Files,
    board: MachineChoice,
    max_instructions: Annotated[int | None, typer.Option(min=1, help="End the run after so many.")] = None,
    stats: Annotated[bool, typer.Option("--stats", help="Print figures of the run to standard error.")] = False,
) -> None:
    """Run a guest with its console on this terminal (Ctrl-] leaves).

    Exit status: 0 passed (switched off, no FAIL on its console), 1 failed, 2 wrong usage, 3 instructions used up,
    4 the guest or the model died, 5 every vcpu waits for nothing, 6 left by the user.
    """
    from ..isa.progress import shown_progress
    from .boards.registry import build_machine

    with shown_progress() as progress:
        made = build_machine(files.request(), board.machine, board.options(files.append), progress)
    if files.dump_dtb is not None:
        _dump_tree(made, files.dump_dtb)
    began = time.perf_counter()
    verdict = _run_on_terminal(made, max_instructions)
    if stats:
        _print_statistics(made, time.perf_counter() - began)
    if verdict.status != 0 or stats:
        typer.echo(f"trapline: {verdict}", err=True)
    raise typer.Exit(verdict.status)


def serve(
    files: Files,
    board: MachineChoice,
    gdb: Annotated[str, typer.Option("--gdb", help="Where to listen: tcp:HOST:PORT or unix:PATH.")] = "tcp:127.0.0.1:0",
    wait: Annotated[
        bool, typer.Option("--wait", help="Hold the guest at its entry point until gdb has attached and lets it go.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End with the first client.")] = False,
    console: Annotated[Path | None, typer.Option(help="File for the guest's console; else standard output.")] = None,
    packets: Annotated[Path | None, typer.Option(help="Record the protocol's packets in a file.")] = None,
) -> None:
    """Run a guest that gdb can attach to.

    Attaching stops the guest, detaching lets it go on. Exit status: as of `run`; 0 if the guest has not ended.
    """
    import contextlib

    from ..isa.errors import TraplineError
    from ..isa.progress import shown_progress
    from .boards.registry import build_machine
    from .rsp.endpoint import Endpoint, EndpointError
    from .rsp.transcript import Recorder
    from .serving import GuestServer, describe_place
    from .target import MachineTarget

    options, request = board.options(files.append), files.request()
    with contextlib.ExitStack() as stack:
        out = typer.get_binary_stream("stdout") if console is None else stack.enter_context(console.open("wb"))

        def show(data: bytes) -> None:
            out.write(data)
            out.flush()

        def make() -> Machine:
            with shown_progress() as progress:
                made = build_machine(request, board.machine, options, progress)
            made.console.add_sink(show)
            return made

        target = MachineTarget(make)
        if files.dump_dtb is not None:
            _dump_tree(target.machine, files.dump_dtb)
        recorder = stack.enter_context(Recorder(packets)) if packets is not None else None
        try:
            server = GuestServer(target, Endpoint.parse(gdb), hold=wait, recorder=recorder)
        except EndpointError as error:
            raise TraplineError(str(error), "free ports of 127.0.0.1 are taken by default") from error
        stack.callback(server.close)
        typer.echo(describe_place(server, target.machine.NAME, request.title, wait), err=True)
        verdict = server.run(once)
    if verdict is not None:
        typer.echo(f"trapline: {verdict}", err=True)
    raise typer.Exit(0 if verdict is None else verdict.status)


def machines() -> None:
    """List the machines and their cores."""
    from .boards.registry import MACHINES

    for board in MACHINES.values():
        typer.echo(f"{board.NAME:<12} {board.SUMMARY}; cores {', '.join(board.CORES)}")


def _run_on_terminal(machine: Machine, max_instructions: int | None) -> Verdict:
    import sys

    from .boards.machine import SLICE_SECONDS
    from .boards.scheduler import Idle
    from .machine.terminal import Typed, bound_terminal
    from .pace import Pace
    from .verdict import Outcome, Verdict

    with bound_terminal(machine.console, sys.stdin.fileno(), sys.stdout.fileno()) as terminal:
        state = Typed.NOTHING
        pace = Pace(SLICE_SECONDS)
        while machine.verdict is None:
            left = None if max_instructions is None else max_instructions - machine.steps
            if left is not None and left <= 0:
                return Verdict(Outcome.BUDGET, f"still running after {max_instructions} instructions")
            with pace.slice() as most:
                idle = isinstance(machine.run_slice(most if left is None else min(most, left)), Idle)
            # A person may still type something; a pipe that has ended will not.
            if idle and (not terminal.is_tty or machine.said.last is not None) and state is not Typed.INPUT:
                machine.end_idle()
                break
            state = terminal.poll(0.05 if idle else 0.0)
            if state is Typed.LEAVE:
                return Verdict(Outcome.LEFT, "left by Ctrl-]")
        assert machine.verdict is not None
        return machine.verdict


def _dump_tree(machine: Machine, path: Path) -> None:
    """Writes the device tree, and ends: as QEMU's dumpdtb does."""
    from ..isa.errors import TraplineError

    if machine.tree is None:
        raise TraplineError(f"machine '{machine.NAME}' has no device tree", "leave --dump-dtb out")
    path.write_bytes(machine.tree)
    typer.echo(f"{path}: {len(machine.tree)} bytes; dtc -I dtb {path} shows them", err=True)
    raise typer.Exit(0)


def _print_statistics(machine: Machine, host_seconds: float) -> None:
    figures = machine.statistics()
    typer.echo(f"instructions  {figures.instructions} ({', '.join(map(str, figures.per_vcpu))})", err=True)
    typer.echo(f"guest time    {figures.guest_seconds:.9f} s", err=True)
    rate = figures.instructions / host_seconds / 1e6
    typer.echo(f"host time     {host_seconds:.3f} s, {rate:.1f} million instructions/s", err=True)
    for reason, count in figures.exits.items():
        typer.echo(f"exits         {count:>8}  {reason}", err=True)

"""`trapline replay`: a recorded run, done again in another process, and open to a debugger there."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Option, echo

if TYPE_CHECKING:
    from .boards.machine import Machine
    from .target import MachineTarget
    from .timeline.recording import Recording


def replay(
    file: Annotated[Path, Argument(help="What `trapline serve --record FILE` has written.")],
    gdb: Annotated[str, Option("--gdb", help="Where to listen: tcp:HOST:PORT or unix:PATH.")] = "tcp:127.0.0.1:0",
    allow_remote: Annotated[bool, Option("--allow-remote", help="Let other machines reach the server.")] = False,
    once: Annotated[bool, Option("--once", help="End with the first client.")] = False,
    check: Annotated[
        bool, Option("--check", help="Only do the run again, and compare where it comes to; nothing is served.")
    ] = False,
) -> None:
    """Do a recorded run again, and hold it at its end for gdb: all of it is history there.

    Ends with 2 for a file of another version, of another description, or that comes to another state.
    """
    from .rsp.endpoint import Endpoint
    from .serving import GuestServer, describe_place
    from .timeline.recording import read_recording

    endpoint = Endpoint.parse(gdb)
    endpoint.check(allow_remote)
    recording = read_recording(file)
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(replayed(recording, file))
        machine = target.machine
        echo(f"trapline: {machine.steps} instructions done again, to the same state", err=True)
        if check:
            raise SystemExit(0)
        server = GuestServer(target, endpoint, hold=True, recorder=None, tell=_tell, allow_remote=allow_remote)
        stack.callback(server.close)
        echo(describe_place(server, machine.NAME, recording.body.request.title, True), err=True)
        verdict = server.run(once)
    if verdict is not None:
        echo(f"trapline: {verdict}", err=True)
    raise SystemExit(0 if verdict is None else verdict.status)


@contextlib.contextmanager
def replayed(recording: "Recording", file: Path) -> Iterator["MachineTarget"]:
    """The machine where the recording ends, all of the run behind it. Raises TraplineError where that is not to be."""
    import tempfile

    from ..isa.progress import shown_progress
    from .boards.registry import build_machine
    from .target import MachineTarget
    from .timeline.recording import Origin, RecordingError, digest_of, operations_of, unpack

    head, body = recording.head, recording.body
    with tempfile.TemporaryDirectory(prefix="trapline-replay-") as folder:
        request = unpack(body, Path(folder))

        def make() -> "Machine":
            with shown_progress() as progress:
                made = build_machine(request, head.machine, body.options, progress)
            if made.description.fingerprint != head.description:
                raise RecordingError(
                    f"{file} was recorded with another description of {head.core}",
                    f"replay it with the Trapline and the descriptions that made it: {head.trapline}",
                )
            made.console.add_sink(_show, shows=True)
            return made

        target = MachineTarget(make)
        made = target.machine
        target.record(Origin(body.request, body.files, body.options))
        for _ in target.timeline.relive(operations_of(made, body), body.inputs):
            pass
        if made.steps != body.steps or digest_of(target.timeline) != body.digest:
            raise RecordingError(
                f"{file} comes to another state than it was recorded with",
                "it was recorded by another build; record again",
            )
        yield target


def _show(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _tell(text: str) -> None:
    echo(f"trapline: {text}", err=True)


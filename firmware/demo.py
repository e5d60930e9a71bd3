"""`trapline demo`: serves the bundled guests, drives a real gdb through each trap, and prints the session.

Every line behind a `(gdb)` prompt is what was typed, what follows is what gdb answered; nothing is made up here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..isa.errors import TraplineError
from ..isa.lang.load import load_core
from ..isa.progress import shown_progress
from ..server.boards.registry import board_named
from ..server.engine_choice import choose_engine
from .catalogue import Guest, build, find_guest
from .demo_sessions import SESSIONS, Step

GDB = "gdb-multiarch"
LIMIT = 50
"""Seconds for one session; a session takes two or three."""

_SAY = "##say "
_TYPED = "##typed "


@dataclass(frozen=True, slots=True)
class Session:
    """What gdb printed, and the exit status of the guest's verdict."""

    output: str
    status: int
    guest_console: str


def chosen(names: list[str]) -> list[Guest]:
    """The named guests, or all that have a session to show.  Raises TraplineError."""
    guests = [find_guest(name) for name in names or SESSIONS]
    for guest in guests:
        if guest.name not in SESSIONS:
            raise TraplineError(
                f"the demo has no session with {guest.name}",
                f"it shows {', '.join(SESSIONS)}; `trapline guests {guest.name}` builds the guest for `trapline run`",
            )
    return guests


def show(names: list[str]) -> int:
    """Shows the named guests, or all that have a session.  Returns 0 if each passed, else 1.  Raises TraplineError."""
    if shutil.which(GDB) is None:
        raise TraplineError(f"the demo needs {GDB}", "as root: apt-get install gdb-multiarch")
    console = Console(highlight=False, soft_wrap=True)
    guests = chosen(names)
    failed = []
    with tempfile.TemporaryDirectory(prefix="trapline-demo-") as folder:
        for guest in guests:
            _prepare(guest)
            console.rule(f"[bold]{guest.name}[/]: {guest.title}")
            session = _run(guest, Path(folder))
            _print(console, session.output)
            console.print(
                Text("console of the guest: ", style="dim").append(session.guest_console.strip(), style="default")
            )
            console.print(
                Text(f"exit status of the server: {session.status}", style="green" if session.status == 0 else "red")
            )
            if session.status != 0:
                failed.append(guest.name)
    if failed:
        console.print(Text(f"failed: {', '.join(failed)}", style="bold red"))
        return 1
    shown = f"{len(guests)} guest{'s' * (len(guests) != 1)}"
    console.print(Text(f"{shown}, each trap seen, each verdict PASS", style="bold green"))
    return 0


def _prepare(guest: Guest) -> None:
    """What the server would make at its first start is made here, where a bar can be seen."""
    with shown_progress() as progress:
        choose_engine(load_core(board_named(guest.machine).CORES[0], progress), None, progress)


def _run(guest: Guest, folder: Path) -> Session:
    elf = folder / f"{guest.name}.elf"
    elf.write_bytes(build(guest).elf)
    socket = folder / f"{guest.name}.sock"
    log = folder / f"{guest.name}.log"
    command = [
        sys.executable,
        "-m",
        "trapline",
        "serve",
        "--machine",
        guest.machine,
        "--gdb",
        f"unix:{socket}",
        "--wait",
        "--once",
    ]
    with log.open("wb") as out:
        server = subprocess.Popen([*command, "--console", str(folder / "console"), str(elf)], stdout=out, stderr=out)
    try:
        _wait_for(socket, server, log)
        script = folder / f"{guest.name}.gdb"
        script.write_text(_script(socket, SESSIONS[guest.name]))
        gdb = subprocess.run(
            [GDB, "-nx", "-batch", "-x", str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
        status = server.wait(timeout=10)
    except subprocess.TimeoutExpired as error:
        raise TraplineError(
            f"the session with guest '{guest.name}' did not end within {error.timeout:.0f} s"
        ) from error
    finally:
        server.kill()
        server.wait()
    shown = (folder / "console").read_text(errors="replace")
    (folder / "console").unlink()
    return Session(gdb.stdout, status, shown)


def _wait_for(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the server listens.  Raises TraplineError with its words if it ends before."""
    for _ in range(LIMIT * 20):
        if socket.exists():
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise TraplineError(f"the server did not start: {log.read_text(errors='replace').strip()}")


def _script(socket: Path, steps: tuple[Step, ...]) -> str:
    lines = ["set pagination off", "set confirm off", "set width 0", "set print pretty off"]
    for step in (
        Step("attach: gdb learns architecture, byte order and symbols from the server", f"target remote {socket}"),
        *steps,
    ):
        if step.why:
            lines.append(f"echo {_SAY}{_quoted(step.why)}\\n")
        shown = step.command.replace(str(socket), "…")
        lines += [f"echo {_TYPED}{_quoted(shown)}\\n", step.command]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _print(console: Console, output: str) -> None:
    for line in output.splitlines():
        if line.startswith(_SAY):
            console.print(Text(f"\n# {line.removeprefix(_SAY)}", style="cyan"))
        elif line.startswith(_TYPED):
            console.print(Text("(gdb) ", style="bold").append(line.removeprefix(_TYPED), style="bold"))
        elif "File transfers from remote targets can be slow" not in line:
            console.print(Text(f"  {line}"))

"""Runs a capsule again, or has a debugger stop in it right before the failing step's last instruction."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ....isa.errors import TraplineError
from ..running.results import Ran, Result, failed_steps
from ..running.specs import TargetSpec, parse_target
from ..running.targets import open_target
from .capsule import Capsule
from .explain import same_reason

_START_SECONDS = 120
GDB = "gdb-multiarch"


def run_again(capsule: Capsule, target: str | None = None) -> tuple[Ran, bool]:
    """The capsule's test on its target, or another one; and whether it fails as it did.  Raises TraplineError."""
    manifest = capsule.manifest
    spec: TargetSpec = parse_target(target or capsule.head.target, manifest.machine, manifest.limits)
    with tempfile.TemporaryDirectory(prefix="trapline-repro-") as folder:
        elf = Path(folder) / f"{manifest.name}.elf"
        elf.write_bytes(capsule.elf)
        opened = open_target(spec)
        try:
            run = opened.run(elf)
        finally:
            opened.close()
    before: Result = capsule.head.result
    if run.passed:
        return run, False
    steps, steps_before = failed_steps(run.console), failed_steps(before.run.console)
    same = same_reason(steps, steps_before) and run.outcome == before.run.outcome
    return run, same


def stop_symbol(capsule: Capsule) -> str:
    """Where a debugger is to stop: before the last instruction of the first step that fails."""
    steps = failed_steps(capsule.head.result.run.console)
    number = steps[0].number if steps else _last_begun(capsule)
    return f"step_{number}_last"


def _last_begun(capsule: Capsule) -> int:
    """The step behind the last one that was told of."""
    import re

    told = re.findall(r"^(?:not )?ok (\d+)", capsule.head.result.run.console, re.MULTILINE)
    return min(int(told[-1]) + 1 if told else 1, len(capsule.manifest.steps))


def debug(capsule: Capsule) -> int:
    """Serves the capsule's test and starts gdb, which stops before the divergence. On a terminal it is the user's from
    there; elsewhere it prints where it is. Returns gdb's status.  Raises TraplineError."""
    if shutil.which(GDB) is None:
        raise TraplineError(f"--gdb needs {GDB}", "as root: apt-get install gdb-multiarch")
    with tempfile.TemporaryDirectory(prefix="trapline-repro-") as name:
        folder = Path(name)
        manifest = capsule.manifest
        elf, source = folder / f"{manifest.name}.elf", folder / f"{manifest.name}.s"
        elf.write_bytes(capsule.elf)
        source.write_text(capsule.source)
        for file, text in capsule.library.items():
            (folder / file).write_text(text)
        socket, log = folder / "gdb.sock", folder / "server.log"
        machine = manifest.machine
        command = [
            sys.executable,
            "-m",
            "trapline",
            "serve",
            "--machine",
            machine.name,
            "--core",
            machine.core,
            "--vcpus",
            str(machine.vcpus),
            "--threads",
            str(machine.threads),
            "--memory",
            str(machine.memory),
            "--gdb",
            f"unix:{socket}",
            "--wait",
            "--once",
            "--console",
            str(folder / "console"),
            str(elf),
        ]
        with log.open("wb") as out:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            _wait_for(socket, server, log)
            return _gdb(folder, elf, socket, stop_symbol(capsule))
        finally:
            server.kill()
            server.wait()


def _wait_for(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > end:
            raise TraplineError(f"the server did not start: {log.read_text(errors='replace').strip()}")
        time.sleep(0.05)


def _gdb(folder: Path, elf: Path, socket: Path, stop: str) -> int:
    commands = [
        "set pagination off",
        "set confirm off",
        f"directory {folder}",
        f"file {elf}",
        f"target remote {socket}",
        f"tbreak *{stop}",
        "continue",
        "echo \\nbefore the last instruction of the step that fails:\\n",
        "x/i $pc",
    ]
    words = [GDB, "-nx", "--quiet"]
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    if not interactive:
        commands += ["info registers", "stepi", "x/i $pc", "kill"]
        words.append("-batch")
    for one in commands:
        words += ["-ex", one]
    environment = {**os.environ, "LC_ALL": "C"}
    if interactive:
        return subprocess.run(words, cwd=folder, env=environment, check=False).returncode
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    return done.returncode

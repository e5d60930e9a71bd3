"""Runs a capsule again, or has a debugger stop in it right before the failing step's last instruction."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msgspec import structs

from ....isa.errors import TraplineError
from ..running.loading import Loading
from ..running.results import Ran, Result, failed_steps
from ..running.specs import TargetSpec, parse_target
from ..running.targets import open_target
from .capsule import Capsule
from .explain import same_reason

_START_SECONDS = 120
GDB = "gdb-multiarch"


def run_again(capsule: Capsule, target: str | None = None, changes: tuple[str, ...] = ()) -> tuple[Ran, bool]:
    """The capsule's test on its target, or another one; and whether it fails as it did.  Raises TraplineError."""
    manifest = capsule.manifest
    foreign = capsule.head.load is not None
    spec: TargetSpec = parse_target(
        target or capsule.head.target,
        manifest.machine,
        manifest.limits,
        changes,
        is_foreign=foreign,
        oracles=capsule.head.oracles,
    )
    with tempfile.TemporaryDirectory(prefix="trapline-repro-") as folder:
        elf = Path(folder) / f"{manifest.name}.elf"
        elf.write_bytes(capsule.elf)
        opened = open_target(spec)
        try:
            run = opened.run(elf, unpacked(capsule, Path(folder)))
        finally:
            opened.close()
    before: Result = capsule.head.result
    if run.passed:
        return run, False
    steps, steps_before = failed_steps(run.console), failed_steps(before.run.console)
    same = same_reason(steps, steps_before) and run.outcome == before.run.outcome
    return run, same


def unpacked(capsule: Capsule, folder: Path) -> Loading | None:
    """A foreign test's loading with its files in a folder; None for a test of a suite that Trapline built."""
    load = capsule.head.load
    if load is None:
        return None
    places: dict[str, str] = {}
    for number, (name, data) in enumerate(capsule.files.items()):
        file = folder / f"{number}-{Path(name).name}"
        file.write_bytes(data)
        places[name] = str(file)

    def here(name: str) -> str:
        plain, at, address = name.partition("@")
        return f"{places.get(plain, plain)}{at}{address}"

    return structs.replace(
        load,
        initrd=here(load.initrd),
        dtb=here(load.dtb),
        bios=here(load.bios),
        load=tuple(map(here, load.load)),
    )


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
        command = [sys.executable, "-m", "trapline", "serve", *_guest_words(capsule, elf, folder)]
        command += ["--gdb", f"unix:{socket}", "--wait", "--once", "--console", str(folder / "console")]
        with log.open("wb") as out:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            _wait_for(socket, server, log)
            return _gdb(folder, elf, socket, None if capsule.head.load else stop_symbol(capsule))
        finally:
            server.kill()
            server.wait()


def _wait_for(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > end:
            raise TraplineError(f"the server did not start: {log.read_text(errors='replace').strip()}")
        time.sleep(0.05)


def _guest_words(capsule: Capsule, elf: Path, folder: Path) -> list[str]:
    """The machine and its guest as `trapline serve` takes them."""
    machine = capsule.manifest.machine
    load = unpacked(capsule, folder)
    words = ["--vcpus", str(machine.vcpus), "--threads", str(machine.threads)]
    for option, value in (("machine", machine.name), ("core", machine.core), ("memory", machine.memory)):
        words += [f"--{option}", str(value)] if value else []
    if machine.clock_shift is not None:
        words += ["--clock-shift", str(machine.clock_shift)]
    if load is None:
        return [*words, str(elf)]
    if load.kind == "command":
        raise TraplineError(f"{capsule.manifest.name} is a command: no debugger can be attached to it", "run it itself")
    for option in ("append", "initrd", "dtb", "bios", "entry"):
        value = getattr(load, option)
        words += [f"--{option}", value] if value else []
    for one in load.load:
        words += ["--load", one]
    for name, number in load.registers.items():
        words += ["--reg", f"{name}={number:#x}"]
    words += ["--semihosting"] * load.semihosting
    return [*words, *([] if load.kind == "program" else [f"--{load.kind}"]), str(elf)]


def _gdb(folder: Path, elf: Path, socket: Path, stop: str | None) -> int:
    commands = ["set pagination off", "set confirm off", f"directory {folder}"]
    if elf.read_bytes()[:4] == b"\x7fELF":
        commands.append(f"file {elf}")
    commands.append(f"target remote {socket}")
    if stop is None:
        commands.append("echo \\nbefore the first instruction of the test:\\n")
    else:
        commands += [f"tbreak *{stop}", "continue"]
        commands.append("echo \\nbefore the last instruction of the step that fails:\\n")
    commands.append("x/i $pc")
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

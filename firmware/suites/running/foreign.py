"""Runs foreign tests: each on a machine of its own, in QEMU, or as the command that it is."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ....isa.errors import TraplineError, reason_of
from .loading import Loading
from .results import CONSOLE_KEPT, Ran
from .speaking import Speech
from .specs import TargetSpec

if TYPE_CHECKING:
    from ....server.api import Machine
    from ....server.result import Result

_SLICE: Final = 20_000_000
"""Instructions between two looks whether a test has said all."""
_GRACE: Final = 0.5
"""Seconds that a process has to end after it has said all."""


class ForeignTarget:
    """See `Target`."""

    def __init__(self, spec: TargetSpec) -> None:
        self._spec = spec

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """A test by its loading.  Raises TraplineError where the target itself is not there."""
        assert loading is not None
        spec = self._spec
        if loading.kind == "command":
            return _process(list(loading.command), loading, loading.folder)
        if spec.kind == "trapline":
            return _here(elf, loading, spec)
        if spec.kind == "qemu":
            from .qemu import qemu_words

            return _process(qemu_words(elf, loading), loading)
        if spec.kind == "command":
            return _process(_filled(shlex.split(spec.detail), elf, loading), loading)
        raise TraplineError(
            f"a foreign suite does not run on --target {spec.kind}", "use trapline, qemu or command:WORDS with {elf}"
        )

    def close(self) -> None:
        """See `Target`."""


def machine_of(elf: Path, loading: Loading, engine: str = "", changes: tuple[str, ...] = ()) -> Machine:
    """A machine with the test in it.  Raises TraplineError."""
    from ....server.api import Machine

    board = loading.board
    file = str(elf)
    return Machine(
        file if loading.kind == "program" else None,
        machine=board.name or None,
        core=board.core or None,
        vcpus=board.vcpus,
        threads=board.threads,
        memory=board.memory or None,
        engine=engine or None,
        append=loading.append,
        kernel=file if loading.kind == "kernel" else None,
        initrd=loading.initrd or None,
        dtb=loading.dtb or None,
        bios=file if loading.kind == "bios" else loading.bios or None,
        flash=[file] if loading.kind == "flash" else [],
        load=loading.load,
        entry=loading.entry or None,
        registers=loading.registers,
        clock_shift=loading.clock_shift,
        semihosting=loading.semihosting,
        isa=changes,
        description=board.description or None,
    )


def _here(elf: Path, loading: Loading, spec: TargetSpec) -> Ran:
    began = time.perf_counter()
    try:
        machine = machine_of(elf, loading, spec.detail, spec.changes)
    except (TraplineError, OSError) as error:
        hint = f" ({error.hint})" if isinstance(error, TraplineError) and error.hint else ""
        told = error.message if isinstance(error, TraplineError) else f"{elf}: {reason_of(error)}"
        return Ran("error", f"it cannot be loaded: {told}{hint}", "", None, time.perf_counter() - began)
    with machine:
        speech = Speech(loading.verdict)
        machine.on_output(speech.feed)
        found = _until_said(machine, speech, loading, began)
        verdict = found.verdict
        outcome, reason = speech.at_end(verdict.ending, _plainly(found), verdict.guest_status)
        console = found.console[-CONSOLE_KEPT:].decode("utf-8", "replace")
        return Ran(outcome, reason, console, found.instructions, time.perf_counter() - began)


def _until_said(machine: Machine, speech: Speech, loading: Loading, began: float) -> Result:
    """Runs on until it ends, a limit is reached, or it has said all for a while."""
    from ....server.verdict import Ending

    limits = loading.limits
    while True:
        left = limits.instructions - machine.instructions
        seconds = max(limits.seconds - (time.perf_counter() - began), 0.001)
        was_complete = speech.is_complete
        found = machine.run(max_instructions=max(min(left, _SLICE), 1), timeout=seconds)
        if found.verdict.ending is not Ending.BUDGET or was_complete or left <= _SLICE:
            return found


def _plainly(found: Result) -> str:
    """How a run ended, without what the console's own verdict has added."""
    return found.reason.partition(" after '")[0].partition(" and told no verdict")[0]


def _process(words: list[str], loading: Loading, folder: str = "") -> Ran:
    from ....server.verdict import Ending

    began = time.perf_counter()
    speech = Speech(loading.verdict)
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder or None,
            start_new_session=True,
        )
    except OSError as error:
        raise TraplineError(f"cannot run {words[0]}: {reason_of(error)}", "install it, or give its path") from error
    said, over = _listen(process, speech, began + loading.limits.seconds)
    console = said[-CONSOLE_KEPT:].decode("utf-8", "replace")
    if over:
        ending, how, status = Ending.TIMEOUT, f"not over after {loading.limits.seconds:g} s", None
    else:
        status = process.returncode
        # A machine that was switched off leaves QEMU with 0; a command's own status is its verdict.
        is_command = loading.kind == "command"
        ending = Ending.EXIT if is_command or status else Ending.OFF
        how = "it ended"
    outcome, reason = speech.at_end(ending, how, status)
    if ending is Ending.EXIT and status == 77 and loading.verdict.kind == "auto":
        outcome = "skipped"
    return Ran(outcome, reason, console, None, time.perf_counter() - began)


def _listen(process: subprocess.Popen[bytes], speech: Speech, end: float) -> tuple[bytes, bool]:
    """What a process says until it ends or its time is over; whether that was so. All that it started ends with it."""
    import selectors

    assert process.stdout is not None
    said = bytearray()
    over = False
    with selectors.DefaultSelector() as selector, process.stdout as stdout:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            left = end - time.perf_counter()
            if speech.is_complete:
                left = min(left, _GRACE)
            if left <= 0 or not selector.select(left):
                over = True
                break
            data = os.read(stdout.fileno(), 1 << 16)
            if not data:
                break
            said += data
            speech.feed(data)
            if len(said) > 4 * CONSOLE_KEPT:
                del said[:-CONSOLE_KEPT]
    if not over:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(end - time.perf_counter(), _GRACE))
    over = over or process.poll() is None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return bytes(said), over


def _filled(words: list[str], elf: Path, loading: Loading) -> list[str]:
    board = loading.board
    values = {
        "elf": str(elf),
        "append": loading.append,
        "initrd": loading.initrd,
        "core": board.core,
        "memory": str(board.memory),
        "vcpus": str(board.vcpus),
        "machine": board.name,
    }
    for name, value in values.items():
        words = [one.replace(f"{{{name}}}", value) for one in words]
    return words

"""What tests run on: Trapline in this process, QEMU, a command of the user's, a debugger's remote target."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ....isa.errors import TraplineError, reason_of
from ..definition import MachineNeeds
from ..standalone.run import filled, placeholders
from .judging import judged
from .loading import Loading
from .results import CONSOLE_KEPT, Ran
from .specs import TargetSpec

if TYPE_CHECKING:
    from ....server.api import Machine


class Target(Protocol):
    """Something that runs one test at a time."""

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """Runs a test to its end or a limit. Raises TraplineError where the target itself is not there."""

    def close(self) -> None:
        """Lets go of it."""


class TraplineTarget:
    """A machine in this process, reset in place for each test."""

    def __init__(self, spec: TargetSpec) -> None:
        self._spec = spec
        self._machine: Machine | None = None

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """See `Target`."""
        from ....server.api import Machine

        needs, limits = self._spec.machine, self._spec.limits
        if self._machine is None:
            self._machine = Machine(
                machine=needs.name,
                core=needs.core,
                vcpus=needs.vcpus,
                threads=needs.threads,
                memory=needs.memory,
                clock_shift=needs.clock_shift,
                engine=self._spec.detail or None,
                isa=list(self._spec.changes),
            )
        began = time.perf_counter()
        machine = self._machine
        machine.load(elf.read_bytes())
        found = machine.run(max_instructions=limits.instructions, timeout=limits.seconds)
        console = found.console[-CONSOLE_KEPT:].decode("utf-8", "replace")
        seconds = time.perf_counter() - began
        return Ran(found.outcome.name.lower(), found.reason, console, found.instructions, seconds)

    def close(self) -> None:
        """See `Target`."""
        if self._machine is not None:
            self._machine.close()


class CommandTarget:
    """A process for each test, whose standard output is the guest's console."""

    def __init__(self, spec: TargetSpec, words: list[str]) -> None:
        self._words, self._spec = words, spec
        if shutil.which(words[0]) is None:
            raise TraplineError(
                f"target {spec.kind} needs {words[0]}, which is not there", "install it, or give its path"
            )

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """See `Target`."""
        machine = self._spec.machine
        places = placeholders(str(elf), machine.core, machine.memory, machine.vcpus)
        words = [filled(one, places) for one in self._words]
        began = time.perf_counter()
        over = False
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise TraplineError(f"cannot run {words[0]}: {reason_of(error)}", "see --target") from error
        try:
            said, told = process.communicate(timeout=self._spec.limits.seconds)
        except subprocess.TimeoutExpired:
            over = True
            process.kill()
            said, told = process.communicate()
        console = said[-CONSOLE_KEPT:]
        outcome, reason = judged(console, over, process.returncode, self._spec.limits.seconds)
        if outcome != "passed" and told.strip():
            reason += f"; it said: {told.decode('utf-8', 'replace').strip().splitlines()[-1][:200]}"
        return Ran(outcome, reason, console.decode("utf-8", "replace"), None, time.perf_counter() - began)

    def close(self) -> None:
        """See `Target`."""


def open_target(spec: TargetSpec) -> Target:
    """Makes it. Raises TraplineError where something is missing."""
    if spec.is_foreign:
        from .foreign import ForeignTarget

        return ForeignTarget(spec)
    match spec.kind:
        case "trapline":
            return TraplineTarget(spec)
        case "oracle":
            from .oracle_target import OracleTarget

            return OracleTarget(spec)
        case "qemu":
            return CommandTarget(spec, _qemu_words(spec.machine))
        case "command":
            return CommandTarget(spec, shlex.split(spec.detail))
    from .remote import RemoteTarget

    return RemoteTarget(spec)


def _qemu_words(machine: MachineNeeds) -> list[str]:
    from ..standalone.run import QEMU

    if machine.name not in QEMU:
        raise TraplineError(
            f"QEMU has no machine like '{machine.name}'",
            f"it has one for: {', '.join(QEMU)}; or use --target command:…",
        )
    return shlex.split(QEMU[machine.name])
